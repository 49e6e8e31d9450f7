/* Loader: checks arguments, loads and attaches what was asked for, gives up every privilege, then copies
 * frames from the ring buffer to stdout until stdout closes. It reads nothing from outside. */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/types.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "event.h"
#include "options.h"
#include "probe.skel.h"

#define OUT_BYTES_MAX (256 * 1024)
#define DROPS_INTERVAL_NS 1000000000ull
#define TURN_RECORDS_MAX 65536 /* a storm must not keep us from hearing that we are to stop */
/* The kernel wakes an idle reader. It reads our mark just before its record is complete, so that one may be missed
 * once in a long while: it is found after this time. */
#define IDLE_MS 200
#define STOP_SLACK_NS 1000000ull /* records of different CPUs are not quite in the order of time */

static struct {
	char bytes[OUT_BYTES_MAX];
	size_t used;
} out;
static volatile sig_atomic_t stopping;
static const char *hello; /* sent last of the start: everything before it is the snapshot and early events */

static void on_signal(int number)
{
	(void)number;
	stopping = 1;
}

static __u64 clock_ns(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static int flush_out(void)
{
	for (size_t done = 0; done < out.used;) {
		ssize_t n = write(STDOUT_FILENO, out.bytes + done, out.used - done);
		if (n < 0 && errno == EINTR)
			continue; /* also when told to stop: what was seen is delivered */
		if (n < 0)
			return -1; /* the reader is gone */
		done += n;
	}
	out.used = 0;
	return 0;
}

static int put_frame(const void *payload, size_t size)
{
	__u32 length = size;

	if (size > EV_FRAME_BYTES_MAX)
		return 0;
	if (out.used + sizeof length + size > sizeof out.bytes && flush_out())
		return -1;
	memcpy(out.bytes + out.used, &length, sizeof length);
	memcpy(out.bytes + out.used + sizeof length, payload, size);
	out.used += sizeof length + size;
	return 0;
}

/* One turn of collecting; ends early after TURN_RECORDS_MAX or with the first record after until_ns. */
static struct {
	__u64 until_ns; /* 0 = no such end */
	unsigned records;
	bool reader_gone;
} batch;

static int on_record(void *ctx, void *data, size_t size)
{
	const struct ev_header *header = data;

	(void)ctx;
	if (put_frame(data, size)) {
		batch.reader_gone = true;
		return -1;
	}
	if (batch.until_ns)
		return header->ktime_ns > batch.until_ns ? -1 : 0;
	return ++batch.records < TURN_RECORDS_MAX ? 0 : -1;
}

static int collect(struct ring_buffer *ring, __u64 until_ns)
{
	batch.until_ns = until_ns;
	batch.records = 0;
	ring_buffer__consume(ring);
	return batch.reader_gone ? -1 : 0;
}

static int put_text(__u16 kind, const char *text)
{
	struct {
		struct ev_header h;
		char text[EV_FRAME_BYTES_MAX - sizeof(struct ev_header)];
	} frame = { .h = { .magic = EV_MAGIC, .kind = kind, .ktime_ns = clock_ns(CLOCK_MONOTONIC) } };
	size_t size = strnlen(text, sizeof frame.text);

	memcpy(frame.text, text, size);
	return put_frame(&frame, sizeof frame.h + size);
}

/* Sends what was lost since the last call, per cause and CPU; nothing when nothing was. */
static int put_drops(int map, __u64 *before, int cpus, __u64 *since)
{
	static const char *causes[EV_DROP_CAUSES] = { "ring_full", "fault" };
	__u64 now = clock_ns(CLOCK_MONOTONIC), values[cpus], total = 0;
	char text[EV_FRAME_BYTES_MAX / 2];
	int used = snprintf(text, sizeof text, "{\"fromNs\":\"%llu\",\"toNs\":\"%llu\",\"drops\":[",
			    (unsigned long long)*since, (unsigned long long)now);

	for (__u32 cause = 0; cause < EV_DROP_CAUSES; cause++) {
		if (bpf_map_lookup_elem(map, &cause, values))
			continue;
		for (int cpu = 0; cpu < cpus; cpu++) {
			__u64 *last = before + cause * cpus + cpu, lost = values[cpu] - *last;
			if (!lost || used > (int)sizeof text - 128)
				continue; /* what does not fit is reported next time */
			*last = values[cpu];
			used += snprintf(text + used, sizeof text - used,
					 "%s{\"cause\":\"%s\",\"cpu\":%d,\"count\":%llu}", total ? "," : "",
					 causes[cause], cpu, (unsigned long long)lost);
			total += lost;
		}
	}
	*since = now;
	snprintf(text + used, sizeof text - used, "]}");
	return total ? put_text(EV_DROPS, text) : 0;
}

/* Makes tracefs visible to this process alone when the host has not mounted it. */
static int need_tracefs(void)
{
	if (!access("/sys/kernel/tracing/events", F_OK) || !access("/sys/kernel/debug/tracing/events", F_OK))
		return 0;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -1;
	return mount("tracefs", "/sys/kernel/tracing", "tracefs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

static bool memory_cgroup_is_v1(void)
{
	char line[256];
	unsigned hierarchy = 0;
	FILE *file = fopen("/proc/cgroups", "re");

	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "memory %u", &hierarchy) == 1)
			break;
	if (file)
		fclose(file);
	return hierarchy != 0;
}

#ifdef __x86_64__
static void refused(int number)
{
	(void)number;
	_exit(1);
}

/* A program can make 32-bit calls, which the per-call tracepoints leave out: tried, by a child that may die of it. */
static const char *takes_32bit_calls(void)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		long nr = 20; /* getpid */
		signal(SIGSEGV, refused);
		__asm__ volatile("int $0x80" : "+a"(nr) : : "memory", "r8", "r9", "r10", "r11");
		_exit(nr == getpid() ? 0 : 1);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0 ? "true" : "false";
}
#else
static const char *takes_32bit_calls(void)
{
	return "null"; /* not known */
}
#endif

/* The ring buffer is mapped and the programs are attached: no capability is needed any more. */
static int drop_privileges(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = {};

	for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap))
			return -1;
	return syscall(SYS_capset, &header, none) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_DUMPABLE, 0);
}

static int configure(struct probe_bpf *skel, const struct options *options)
{
	__u32 pages = options->buffer_bytes;

	skel->rodata->skip_tgids[0] = getpid();
	for (int i = 0; i < options->skip_count; i++)
		skel->rodata->skip_tgids[i + 1] = options->skip[i];
	skel->rodata->skip_group = options->skip_group ? options->skip_group : getpgrp();
	skel->rodata->cgroup_v1 = memory_cgroup_is_v1();
	skel->rodata->wake_bytes = options->buffer_bytes / 8;
	skel->rodata->open_failed = options->open_failed;
	skel->rodata->all_sockets = options->all_sockets;
	skel->rodata->all_connects = options->all_connects;
	memcpy((void *)skel->rodata->connect_ports, options->connect_ports, sizeof options->connect_ports);
	memcpy((void *)skel->rodata->open_read, options->open_read, 2);
	memcpy((void *)skel->rodata->open_write, options->open_write, 2);
	if (bpf_map__set_max_entries(skel->maps.ring, pages))
		return -1;
	struct bpf_program *program;
	bpf_object__for_each_program(program, skel->obj) {
		const char *name = bpf_program__name(program);
		if (!strncmp(name, "sys_", 4))
			bpf_program__set_autoload(program, option_wants(options, name + 4));
	}
	return 0;
}

static int load_prefixes(int map, const struct options *options)
{
	for (int i = 0; i < options->prefix_count; i++) {
		struct {
			__u32 bits;
			char path[PREFIX_BYTES_MAX];
		} key = {};
		__u8 one = 1;
		key.bits = strlen(options->prefix[i]) * 8;
		memcpy(key.path, options->prefix[i], strlen(options->prefix[i]));
		if (bpf_map_update_elem(map, &key, &one, BPF_ANY))
			return -1;
	}
	return 0;
}

/* Attaches program by program: a hook this kernel lacks (x86 calls on arm64) is named in hello, not fatal. */
static int attach_all(struct probe_bpf *skel, const struct options *options)
{
	static char text[12288];
	char attached[4096] = "", missing[4096] = "";
	struct bpf_program *program;
	struct utsname host;
	int count = 0;

	bpf_object__for_each_program(program, skel->obj) {
		const char *name = bpf_program__name(program);
		if (!bpf_program__autoload(program) || program == skel->progs.snapshot)
			continue;
		struct bpf_link *link = bpf_program__attach(program);
		char *list = link ? attached : missing;
		size_t used = strlen(list);
		snprintf(list + used, sizeof attached - used, "%s\"%s\"", used ? "," : "", name);
		count += link != NULL;
	}
	uname(&host);
	snprintf(text, sizeof text,
		 "{\"protocol\":1,\"pid\":%d,\"kernel\":\"%s\",\"cgroup\":\"%s\",\"bufferBytes\":%u,"
		 "\"readHost\":\"%s\",\"readContainer\":\"%s\",\"writeHost\":\"%s\",\"writeContainer\":\"%s\","
		 "\"openFailed\":\"%s\",\"sockets\":\"%s\",\"prefixes\":%d,\"connectPorts\":%d,\"calls32\":%s,"
		 "\"monotonicNs\":\"%llu\",\"realtimeNs\":\"%llu\",\"boottimeNs\":\"%llu\","
		 "\"attached\":[%s],\"missing\":[%s]}",
		 getpid(), host.release, skel->rodata->cgroup_v1 ? "v1" : "v2", options->buffer_bytes,
		 open_words[options->open_read[0]], open_words[options->open_read[1]],
		 open_words[options->open_write[0]], open_words[options->open_write[1]],
		 failed_words[options->open_failed], options->all_sockets ? "all" : "rare", options->prefix_count,
		 count_ports(options), takes_32bit_calls(),
		 (unsigned long long)clock_ns(CLOCK_MONOTONIC), (unsigned long long)clock_ns(CLOCK_REALTIME),
		 (unsigned long long)clock_ns(CLOCK_BOOTTIME), attached, missing);
	hello = text;
	return count ? 0 : -1;
}

/* Runs after attaching, so that no process falls between the snapshot and the events. */
static int take_snapshot(struct bpf_program *program)
{
	struct bpf_link *link = bpf_program__attach_iter(program, NULL);
	int fd = link ? bpf_iter_create(bpf_link__fd(link)) : -1;
	char byte;
	ssize_t n = -1;

	if (fd >= 0)
		while ((n = read(fd, &byte, 1)) > 0 || (n < 0 && errno == EINTR))
			;
	if (fd >= 0)
		close(fd);
	bpf_link__destroy(link);
	return n;
}

/* Collects every flush_ms while there is something to collect; the kernel wakes us earlier when an eighth of the
 * buffer is full. Once a turn finds nothing, waits for the kernel to say that there is something. */
static int run(struct ring_buffer *ring, int drops, int flush_ms, volatile __u32 *idle)
{
	int cpus = libbpf_num_possible_cpus();
	__u64 before[EV_DROP_CAUSES * cpus], since = clock_ns(CLOCK_MONOTONIC), due = since + DROPS_INTERVAL_NS;
	/* A reader on a socket says that it wants no more by closing its sending side. */
	struct pollfd wait[2] = { { .fd = ring_buffer__epoll_fd(ring), .events = POLLIN },
				  { .fd = STDOUT_FILENO, .events = POLLRDHUP } };

	memset(before, 0, sizeof before);
	if (collect(ring, since) || put_text(EV_HELLO, hello) || flush_out())
		return 0;
	for (bool quiet = false; !stopping; quiet = !batch.records) {
		if (quiet) {
			*idle = 1;
			__sync_synchronize();
			if (collect(ring, 0))
				return 0;
			quiet = !batch.records;
		}
		if (poll(wait, 2, quiet ? IDLE_MS : flush_ms) < 0 && errno != EINTR)
			return -1;
		*idle = 0;
		if (wait[1].revents & (POLLERR | POLLHUP | POLLNVAL))
			return 0;
		if (wait[1].revents & POLLRDHUP)
			stopping = 1;
		if (collect(ring, 0))
			return 0;
		if (clock_ns(CLOCK_MONOTONIC) >= due) {
			due = clock_ns(CLOCK_MONOTONIC) + DROPS_INTERVAL_NS;
			if (put_drops(drops, before, cpus, &since))
				return 0;
		}
		if (flush_out())
			return 0;
	}
	if (!collect(ring, clock_ns(CLOCK_MONOTONIC) + STOP_SLACK_NS)) {
		put_drops(drops, before, cpus, &since);
		flush_out();
	}
	return 0;
}

/* The supervisor's socket is open to one user; only the process it started may have this probe's output. */
static bool is_reader(pid_t expected)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	return !getsockopt(STDOUT_FILENO, SOL_SOCKET, SO_PEERCRED, &peer, &size) && peer.pid == expected;
}

static int on_log(enum libbpf_print_level level, const char *format, va_list args)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, args) : 0;
}

int main(int argc, char **argv)
{
	struct options options;
	struct ring_buffer *ring = NULL;
	struct probe_bpf *skel = NULL;
	int status = 1;

	if (argc == 2 && !strcmp(argv[1], "--layout"))
		return print_layout();
	if (argc == 2 && !strcmp(argv[1], "--features"))
		return print_features();
	if (parse_options(argc, argv, &options))
		return 2;
	if (options.reader && !is_reader(options.reader)) {
		fprintf(stderr, "probe: the output does not lead to process %d\n", options.reader);
		return 1;
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	signal(SIGPIPE, SIG_IGN);
	fcntl(STDOUT_FILENO, F_SETPIPE_SZ, OUT_BYTES_MAX); /* one turn fits, so that the reader wakes once; a socket has its own */
	libbpf_set_print(on_log);
	if (need_tracefs()) {
		fprintf(stderr, "probe: tracefs is not mounted and cannot be: %s\n", strerror(errno));
		return 1;
	}
	skel = probe_bpf__open();
	if (!skel || configure(skel, &options) || probe_bpf__load(skel)) {
		fprintf(stderr, "probe: load: %s\n", strerror(errno));
		goto cleanup;
	}
	libbpf_set_print(NULL); /* a hook this kernel lacks is named in hello, not on stderr */
	ring = ring_buffer__new(bpf_map__fd(skel->maps.ring), on_record, NULL, NULL);
	if (!ring || load_prefixes(bpf_map__fd(skel->maps.open_prefixes), &options) || attach_all(skel, &options)) {
		fprintf(stderr, "probe: attach: %s\n", strerror(errno));
		goto cleanup;
	}
	if (take_snapshot(skel->progs.snapshot)) {
		fprintf(stderr, "probe: snapshot: %s\n", strerror(errno));
		goto cleanup;
	}
	if (drop_privileges()) {
		fprintf(stderr, "probe: dropping privileges: %s\n", strerror(errno));
		goto cleanup;
	}
	status = run(ring, bpf_map__fd(skel->maps.drops), options.flush_ms, &skel->bss->reader_idle) ? 1 : 0;
cleanup:
	ring_buffer__free(ring);
	probe_bpf__destroy(skel);
	return status;
}
