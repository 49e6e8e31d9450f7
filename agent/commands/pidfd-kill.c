// Signals one process without the race between looking at a number and using it:
// pidfd-kill STOP|CONT|KILL PID START_TICKS
// opens the process, compares its start time (field 22 of /proc/PID/stat) and signals what it opened.
// Exit status: 0 sent, 3 gone, 4 another process has the number, 1 any other failure.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SENT = 0, FAILED = 1, GONE = 3, OTHER = 4 };

static int start_ticks(int pid, unsigned long long *out)
{
	char path[64], stat[4096];
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	FILE *file = fopen(path, "r");
	if (!file)
		return -1;
	size_t got = fread(stat, 1, sizeof(stat) - 1, file);
	fclose(file);
	stat[got] = '\0';
	// The name may contain parentheses and spaces: fields are counted from the last one.
	char *at = strrchr(stat, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (!at)
		return -1;
	*out = strtoull(at + 1, NULL, 10);
	return 0;
}

int main(int argc, char **argv)
{
	int signal = argc != 4			? 0
		     : !strcmp(argv[1], "STOP") ? SIGSTOP
		     : !strcmp(argv[1], "CONT") ? SIGCONT
		     : !strcmp(argv[1], "KILL") ? SIGKILL
						: 0;
	if (signal == 0) {
		fprintf(stderr, "usage: pidfd-kill STOP|CONT|KILL PID START_TICKS\n");
		return FAILED;
	}
	int pid = atoi(argv[2]);
	unsigned long long wanted = strtoull(argv[3], NULL, 10), found;
	if (pid <= 1)
		return FAILED;
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0) {
		if (errno == ESRCH)
			return GONE;
		perror("pidfd_open");
		return FAILED;
	}
	// Read after the process was opened: a number that is used again later cannot be what was opened.
	if (start_ticks(pid, &found) != 0)
		return GONE;
	if (found != wanted)
		return OTHER;
	if (syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) == 0)
		return SENT;
	if (errno == ESRCH)
		return GONE;
	perror("pidfd_send_signal");
	return FAILED;
}
