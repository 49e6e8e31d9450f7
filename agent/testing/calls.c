/* Makes one system call exactly as asked, for the sensor's tests: calls NAME [argument ...]. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int is(const char *a, const char *b)
{
	return !strcmp(a, b);
}

static int listener(int family, struct sockaddr_storage *addr, socklen_t *len)
{
	int fd = socket(family, SOCK_STREAM, 0);
	memset(addr, 0, sizeof *addr);
	addr->ss_family = family;
	if (family == AF_INET)
		((struct sockaddr_in *)addr)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		((struct sockaddr_in6 *)addr)->sin6_addr = in6addr_loopback;
	*len = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	if (bind(fd, (void *)addr, *len) || listen(fd, 7))
		exit(10);
	getsockname(fd, (void *)addr, len);
	return fd;
}

/* Prints the port, then connects to itself, accepts, and puts the accepted socket on standard input. */
static int talk(int family)
{
	struct sockaddr_storage addr;
	socklen_t len;
	int server = listener(family, &addr, &len), client = socket(family, SOCK_STREAM, 0), peer;

	printf("%d\n", ntohs(((struct sockaddr_in *)&addr)->sin_port));
	if (connect(client, (void *)&addr, len))
		return 11;
	peer = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	return peer < 0 || dup2(peer, 0) != 0;
}

static int unix_talk(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(addr.sun_path, path, sizeof addr.sun_path - 1);
	if (bind(server, (void *)&addr, sizeof addr) || listen(server, 1) ||
	    connect(client, (void *)&addr, sizeof addr))
		return 11;
	return accept(server, NULL, NULL) < 0;
}

static int trace(void)
{
	pid_t child = fork();
	if (!child) {
		pause();
		return 0;
	}
	printf("%d\n", child);
	int result = ptrace(PTRACE_SEIZE, child, NULL, NULL);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return result != 0;
}

/* A query for example.test, type A. */
static const char query[] = "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
			    "\x07" "example" "\x04" "test" "\x00\x00\x01\x00\x01";

/* Sends the query to 127.0.0.1 and a port, where nobody listens, twice, then once to the next port. */
static int datagrams(const char *how, int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct iovec part = { (void *)query, sizeof query - 1 };
	struct mmsghdr m = { .msg_hdr = { .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &part, .msg_iovlen = 1 } };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	for (int i = 0; i < 3; i++) {
		to.sin_port = htons(i < 2 ? port : port + 1);
		int error;
		socklen_t len = sizeof error;
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len); /* the refusal of the one before */
		if (is(how, "sendto") && sendto(fd, query, sizeof query - 1, 0, (void *)&to, sizeof to) < 0)
			return 11;
		if (is(how, "sendmsg") && sendmsg(fd, &m.msg_hdr, 0) < 0)
			return 12;
		if (is(how, "sendmmsg") && sendmmsg(fd, &m, 1, 0) < 0)
			return 13;
		if (is(how, "connected") && (connect(fd, (void *)&to, sizeof to) || send(fd, query, sizeof query - 1, 0) < 0))
			return 14;
	}
	return 0;
}

/* Prints the port at which it hears the query, from another socket of its own. */
static int hear_datagram(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, from;
	socklen_t len = sizeof at;
	char heard[64];
	int ear = socket(AF_INET, SOCK_DGRAM, 0), mouth = socket(AF_INET, SOCK_DGRAM, 0);

	if (bind(ear, (void *)&at, sizeof at) || getsockname(ear, (void *)&at, &len))
		return 11;
	printf("%d\n", ntohs(at.sin_port));
	if (sendto(mouth, query, sizeof query - 1, 0, (void *)&at, len) < 0)
		return 12;
	return recvfrom(ear, heard, sizeof heard, 0, (void *)&from, &len) != sizeof query - 1;
}

static int by_handle(const char *path)
{
	char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	struct file_handle *handle = (void *)bytes;
	int mount;

	handle->handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(AT_FDCWD, path, handle, &mount, 0))
		return 11;
	return open_by_handle_at(open("/", O_RDONLY | O_DIRECTORY), handle, O_RDONLY) < 0;
}

static int child_by(const char *how)
{
	struct clone_args args = { .flags = CLONE_FILES, .exit_signal = SIGCHLD };
	long pid = is(how, "vfork") ? vfork() : is(how, "fork") ? syscall(SYS_fork) : syscall(SYS_clone3, &args, sizeof args);

	if (pid == 0)
		_exit(0);
	return pid < 0 || waitpid(pid, NULL, 0) != pid;
}

/* Copies itself into a memfd and runs it from there. */
static int memfd(const char *self)
{
	char bytes[65536];
	int in = open(self, O_RDONLY), out = memfd_create("payload", MFD_CLOEXEC);
	for (ssize_t n; (n = read(in, bytes, sizeof bytes)) > 0;)
		if (write(out, bytes, n) != n)
			return 12;
	char *argv[] = { "from-memfd", "nothing", NULL }, *envp[] = { NULL };
	fexecve(out, argv, envp);
	return 13;
}

/* Without waiting for an answer: the address may be nobody's. */
static int connect_to(const char *kind, const char *ip, int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, (is(kind, "tcp") ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK, 0);

	inet_pton(AF_INET, ip, &to.sin_addr);
	if (is(kind, "send"))
		return sendto(fd, "x", 1, 0, (void *)&to, sizeof to) < 0;
	return connect(fd, (void *)&to, sizeof to) && errno != EINPROGRESS;
}

static int listen_at(const char *ip, int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, ip, &at.sin_addr);
	return bind(fd, (void *)&at, sizeof at) || listen(fd, 1);
}

/* Sends itself a word over a connection. */
static int hear(const char *word)
{
	struct sockaddr_storage addr;
	socklen_t len;
	char heard[64];
	int server = listener(AF_INET, &addr, &len), client = socket(AF_INET, SOCK_STREAM, 0), peer;

	if (is(word, "class")) /* how a Java class file begins */
		word = "\xca\xfe\xba\xbe";
	if (connect(client, (void *)&addr, len) || (peer = accept(server, NULL, NULL)) < 0)
		return 11;
	if (send(peer, word, strlen(word), 0) < 0)
		return 12;
	return recv(client, heard, sizeof heard, 0) <= 0;
}

char **acts_prepare(char **argv); /* acts.c */

int main(int argc, char **argv)
{
	char **rest = acts_prepare(argv + 1);
	const char *name, *a, *b, *c;

	rest[-1] = argv[0];
	argc -= rest - 1 - argv;
	argv = rest - 1;
	name = argc > 1 ? argv[1] : "", a = argc > 2 ? argv[2] : "", b = argc > 3 ? argv[3] : "", c = argc > 4 ? argv[4] : "";

	setbuf(stdout, NULL);
	if (is(name, "nothing"))
		return 0;
	if (is(name, "exit"))
		return atoi(a);
	if (is(name, "open"))
		return syscall(SYS_open, a, O_RDWR | O_CREAT | O_EXCL, 0640) < 0;
	if (is(name, "creat"))
		return syscall(SYS_creat, a, 0600) < 0;
	if (is(name, "openat")) /* relative to a directory descriptor */
		return openat(open(a, O_PATH | O_DIRECTORY), b, O_RDONLY | O_NOFOLLOW) < 0;
	if (is(name, "read")) /* from a directory, if one is given */
		return (*b && chdir(b)) || syscall(SYS_open, a, O_RDONLY) < 0;
	if (is(name, "openat2")) {
		struct open_how how = { .flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS };
		return syscall(SYS_openat2, AT_FDCWD, a, &how, sizeof how) < 0;
	}
	if (is(name, "unlink"))
		return syscall(SYS_unlink, a);
	if (is(name, "unlinkat"))
		return syscall(SYS_unlinkat, AT_FDCWD, a, AT_REMOVEDIR);
	if (is(name, "rename"))
		return syscall(SYS_rename, a, b);
	if (is(name, "renameat2"))
		return syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 1);
	if (is(name, "chmod"))
		return syscall(SYS_chmod, a, 06755);
	if (is(name, "fchmod"))
		return syscall(SYS_fchmod, open(a, O_RDONLY), 0700);
	if (is(name, "symlinkat"))
		return symlinkat(a, AT_FDCWD, b);
	if (is(name, "linkat"))
		return linkat(AT_FDCWD, a, AT_FDCWD, b, 0);
	if (is(name, "setuid"))
		return setuid(atoi(a));
	if (is(name, "setresgid"))
		return setresgid(1, 2, 3);
	if (is(name, "setns"))
		return setns(open("/proc/self/ns/uts", O_RDONLY), CLONE_NEWUTS);
	if (is(name, "unshare"))
		return unshare(CLONE_NEWUTS | CLONE_NEWNS);
	if (is(name, "mount")) /* in a mount namespace of its own */
		return unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		       mount("eyrie-test", a, "tmpfs", MS_NOSUID | MS_NODEV, NULL) || umount2(a, MNT_DETACH);
	if (is(name, "ptrace"))
		return trace();
	if (is(name, "memfd"))
		return memfd(argv[0]);
	if (is(name, "tcp4"))
		return talk(AF_INET);
	if (is(name, "tcp6"))
		return talk(AF_INET6);
	if (is(name, "unix"))
		return unix_talk(a);
	if (is(name, "refused")) { /* nobody listens on port 1 of the loopback */
		struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(1),
					    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		return connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&addr, sizeof addr) ? 0 : 1;
	}
	if (is(name, "comm")) { /* renames itself, then does something visible */
		prctl(PR_SET_NAME, "renamed");
		return syscall(SYS_open, a, O_RDONLY) < 0;
	}
	if (is(name, "write"))
		return syscall(SYS_open, a, O_WRONLY | O_CREAT | O_TRUNC, 0600) < 0;
	if (is(name, "program"))
		return syscall(SYS_open, a, O_WRONLY | O_CREAT, 0755) < 0;
	if (is(name, "mkdir"))
		return syscall(SYS_mkdir, a, 0700);
	if (is(name, "traceme"))
		return ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0;
	if (is(name, "bpf")) /* refused for its size of zero */
		return syscall(SYS_bpf, atoi(a), NULL, 0) == 0;
	if (is(name, "userfaultfd"))
		return syscall(SYS_userfaultfd, 1) < 0;
	if (is(name, "connect"))
		return connect_to(a, b, atoi(c));
	if (is(name, "listen"))
		return listen_at(a, atoi(b));
	if (is(name, "hear"))
		return hear(a);
	if (is(name, "datagrams"))
		return datagrams(a, atoi(b));
	if (is(name, "heard"))
		return hear_datagram();
	if (is(name, "packet"))
		return socket(AF_PACKET, SOCK_RAW, 0) < 0;
	if (is(name, "handle"))
		return by_handle(a);
	if (is(name, "child"))
		return child_by(a);
	if (is(name, "fcntl")) {
		int port = talk(AF_INET), sock = socket(AF_INET, SOCK_STREAM, 0);
		close(0);
		return port || fcntl(sock, F_DUPFD, 0) != 0;
	}
	if (is(name, "pipe2")) {
		int fds[2];
		return pipe2(fds, O_CLOEXEC);
	}
	if (is(name, "tgkill"))
		return syscall(SYS_tgkill, getpid(), getpid(), 0);
	if (is(name, "capset")) {
		struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
		struct __user_cap_data_struct data[2] = { { .permitted = 1 << CAP_CHOWN, .effective = 1 << CAP_CHOWN } };
		return syscall(SYS_capset, &header, data);
	}
	if (is(name, "io_uring")) {
		struct io_uring_params params = { .flags = IORING_SETUP_CLAMP };
		return syscall(SYS_io_uring_setup, 4, &params) < 0;
	}
#ifdef __x86_64__
	if (is(name, "rmdir32")) { /* a 64-bit program that makes a 32-bit call */
		char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
		long res = 40;
		strcpy(low, a);
		__asm__ volatile("int $0x80" : "+a"(res) : "b"(low) : "memory", "r8", "r9", "r10", "r11");
		return res != 0;
	}
#endif
	if (is(name, "peek")) {
		char word[8];
		struct iovec here = { word, 8 }, there = { (void *)query, 8 };
		return process_vm_readv(getpid(), &here, 1, &there, 1, 0) != 8;
	}
	if (is(name, "mounts")) { /* both fail: nothing is changed */
		syscall(SYS_pivot_root, a, b);
		syscall(SYS_move_mount, AT_FDCWD, a, AT_FDCWD, b, 0);
		return 0;
	}
	if (is(name, "run")) { /* waits for a line, so that the test can place it in a cgroup first */
		char line[8];
		if (!fgets(line, sizeof line, stdin))
			return 14;
		execv(a, argv + 2);
		return 15;
	}
	fprintf(stderr, "unknown call %s\n", name);
	return 99;
}
