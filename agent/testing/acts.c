/* Prepares the process that a trigger runs in: acts_prepare(&argv) consumes leading words, each of which changes
 * the process, and returns at the call itself. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int is(const char *a, const char *b)
{
	return !strcmp(a, b);
}

static void must(int failed, const char *what)
{
	if (!failed)
		return;
	perror(what);
	exit(90);
}

/* The child goes on, the parent waits for it. */
static void go_on_in_child(void)
{
	pid_t child = fork();
	int status;

	must(child < 0, "fork");
	if (child == 0)
		return;
	waitpid(child, &status, 0);
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 91);
}

static struct sockaddr address(const char *text)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr generic;

	inet_pton(AF_INET, text, &in.sin_addr);
	memcpy(&generic, &in, sizeof generic);
	return generic;
}

/* A network of its own, in which every address is behind the loopback and the own one is 10.9.8.7. */
static void enter_network(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	struct rtentry route = { .rt_flags = RTF_UP, .rt_dev = "lo" };
	int fd;

	must(unshare(CLONE_NEWNET), "unshare");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	request.ifr_addr = address("10.9.8.7");
	must(ioctl(fd, SIOCSIFADDR, &request), "address");
	request.ifr_flags = IFF_UP;
	must(ioctl(fd, SIOCSIFFLAGS, &request), "up");
	route.rt_dst = address("0.0.0.0");
	route.rt_genmask = address("0.0.0.0");
	must(ioctl(fd, SIOCADDRT, &route), "route");
	close(fd);
}

static void enter_terminal(void)
{
	int leader = posix_openpt(O_RDWR | O_NOCTTY);

	must(leader < 0 || grantpt(leader) || unlockpt(leader), "pty");
	must(setsid() < 0, "setsid");
	must(open(ptsname(leader), O_RDWR) < 0, "tty");
}

static void become(uid_t id)
{
	must(setgroups(0, NULL) || setgid(id) || setuid(id), "setuid");
}

/* case NAME: a mark among the ancestors. exec PROGRAM ...: ends here. */
char **acts_prepare(char **argv)
{
	for (; *argv; argv++) {
		if (is(*argv, "case")) {
			argv++;
			go_on_in_child();
		} else if (is(*argv, "fork")) {
			go_on_in_child();
		} else if (is(*argv, "pidns")) {
			must(unshare(CLONE_NEWPID), "unshare");
			go_on_in_child();
		} else if (is(*argv, "net")) {
			enter_network();
		} else if (is(*argv, "tty")) {
			enter_terminal();
		} else if (is(*argv, "as")) {
			become(atoi(*++argv));
		} else if (is(*argv, "in")) {
			must(chroot(*++argv) || chdir("/"), "chroot");
		} else if (is(*argv, "clean")) {
			clearenv();
		} else if (is(*argv, "env")) {
			putenv(*++argv);
		} else if (is(*argv, "wait")) {
			sleep(atoi(*++argv));
		} else if (is(*argv, "exec")) {
			argv++;
			execv(argv[0], argv);
			must(1, argv[0]);
		} else {
			break;
		}
	}
	return argv;
}
