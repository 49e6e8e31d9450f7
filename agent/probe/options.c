#include <getopt.h>
#include <linux/types.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "event.h"
#include "options.h"

/* Called too often to be watched unasked: attached only when --events names them. */
static const char *const on_request[] = { "recvfrom", "recvmsg", "prctl", "pipe", "pipe2", "tkill", "tgkill" };

static const char *known_events[] = {
#define NAME(code, name) #name,
	EV_SYSCALL_TABLE(NAME)
#undef NAME
};

/* Reads of these by host processes are worth an event when nobody says what is; see README.md. */
static const char *const default_prefixes[] = {
	"/etc/shadow",	    "/etc/gshadow", "/etc/sudoers",	"/etc/pam",	    "/etc/security",
	"/etc/krb5.keytab",
	"/etc/ssh",	    "/etc/kubernetes", "/etc/rancher", "/etc/ssl/private", "/root/",
	"/home/",	    "/run/secrets", "/var/run/secrets", "/var/lib/kubelet", "/var/lib/rancher",
	"/var/lib/etcd",    "/var/log/",    "/proc/1/",		"/dev/mem",	    "/dev/kmem",
};

bool option_wants(const struct options *options, const char *event)
{
	if (!options->events_given) {
		for (size_t i = 0; i < sizeof on_request / sizeof *on_request; i++)
			if (!strcmp(on_request[i], event))
				return false;
		return true;
	}
	for (int i = 0; i < options->event_count; i++)
		if (!strcmp(options->event[i], event))
			return true;
	return false;
}

static int number(const char *text, long min, long max, long *value)
{
	char *end;
	*value = strtol(text, &end, 10);
	return !*text || *end || *value < min || *value > max;
}

static int word(const char *text, const char *const *words, int count)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(text, words[i]))
			return i;
	return -1;
}

static int add_events(char *list, struct options *options)
{
	options->events_given = true;
	for (char *name = strtok(list, ","); name; name = strtok(NULL, ",")) {
		if (word(name, known_events, sizeof known_events / sizeof *known_events) < 0 ||
		    options->event_count == EVENTS_MAX) {
			fprintf(stderr, "probe: unknown event \"%s\"\n", name);
			return -1;
		}
		options->event[options->event_count++] = name;
	}
	return 0;
}

/* "none", or ports and ranges: 53,8000-8100 */
static int add_ports(char *list, struct options *options)
{
	options->all_connects = false;
	if (!strcmp(list, "none"))
		return 0;
	for (char *item = strtok(list, ","); item; item = strtok(NULL, ",")) {
		char *dash = strchr(item, '-');
		long from, to;

		if (dash)
			*dash = 0;
		if (number(item, 0, 65535, &from) || number(dash ? dash + 1 : item, from, 65535, &to))
			return -1;
		for (long port = from; port <= to; port++)
			options->connect_ports[port >> 6] |= 1ull << (port & 63);
	}
	return 0;
}

int count_ports(const struct options *options)
{
	int count = 0;

	for (size_t i = 0; i < sizeof options->connect_ports / sizeof *options->connect_ports; i++)
		count += __builtin_popcountll(options->connect_ports[i]);
	return options->all_connects ? 65536 : count;
}

const char *const open_words[] = { "none", "prefix", "all" };
const char *const failed_words[] = { "none", "denied", "all" };

static int open_rule(const char *text, __u8 *rule)
{
	int found = word(text, open_words, 3);
	*rule = found;
	return found < 0;
}

int parse_options(int argc, char **argv, struct options *options)
{
	static const struct option names[] = {
		{ "events", required_argument, 0, 'e' },      { "skip-pid", required_argument, 0, 's' },
		{ "buffer-mib", required_argument, 0, 'b' },  { "flush-ms", required_argument, 0, 'f' },
		{ "read-host", required_argument, 0, 'r' },   { "read-container", required_argument, 0, 'R' },
		{ "write-host", required_argument, 0, 'w' },  { "write-container", required_argument, 0, 'W' },
		{ "open-failed", required_argument, 0, 'x' }, { "prefix", required_argument, 0, 'p' },
		{ "sockets", required_argument, 0, 'k' },     { "skip-group", required_argument, 0, 'g' },
		{ "reader-pid", required_argument, 0, 'i' },  { "connect-ports", required_argument, 0, 'c' },
		{ 0 },
	};
	static const char *const socket_words[] = { "rare", "all" };
	long value;

	*options = (struct options){ .open_read = { 1, 2 }, .open_write = { 2, 2 }, .open_failed = 1, .all_connects = true,
				     .buffer_bytes = 16 << 20, .flush_ms = 50 };
	for (int letter; (letter = getopt_long(argc, argv, "", names, NULL)) != -1;) {
		int bad = 0;
		switch (letter) {
		case 'e':
			bad = add_events(optarg, options);
			break;
		case 's':
			bad = options->skip_count == SKIPS_MAX || number(optarg, 1, 1 << 22, &value);
			if (!bad)
				options->skip[options->skip_count++] = value;
			break;
		case 'g':
			bad = number(optarg, 1, 1 << 22, &value);
			options->skip_group = value;
			break;
		case 'i':
			bad = number(optarg, 1, 1 << 22, &value);
			options->reader = value;
			break;
		case 'b': /* a ring buffer's size is a power of two */
			bad = number(optarg, 1, 256, &value) || (value & (value - 1));
			if (!bad)
				options->buffer_bytes = value << 20;
			break;
		case 'f':
			bad = number(optarg, 1, 1000, &value);
			options->flush_ms = value;
			break;
		case 'r':
			bad = open_rule(optarg, &options->open_read[0]);
			break;
		case 'R':
			bad = open_rule(optarg, &options->open_read[1]);
			break;
		case 'w':
			bad = open_rule(optarg, &options->open_write[0]);
			break;
		case 'W':
			bad = open_rule(optarg, &options->open_write[1]);
			break;
		case 'x':
			value = word(optarg, failed_words, 3);
			bad = value < 0;
			options->open_failed = value;
			break;
		case 'k':
			value = word(optarg, socket_words, 2);
			bad = value < 0;
			options->all_sockets = value == 1;
			break;
		case 'c':
			bad = add_ports(optarg, options);
			break;
		case 'p':
			bad = *optarg != '/' || strlen(optarg) >= PREFIX_BYTES_MAX || options->prefix_count == PREFIXES_MAX;
			if (!bad)
				options->prefix[options->prefix_count++] = optarg;
			break;
		default:
			return -1;
		}
		if (bad) {
			fprintf(stderr, "probe: bad value \"%s\"\n", optarg);
			return -1;
		}
	}
	if (!options->prefix_count)
		for (size_t i = 0; i < sizeof default_prefixes / sizeof *default_prefixes; i++)
			options->prefix[options->prefix_count++] = default_prefixes[i];
	if (optind != argc) {
		fprintf(stderr, "probe: unexpected \"%s\"\n", argv[optind]);
		return -1;
	}
	return 0;
}

/* Offsets and codes as JSON, for the test that holds agent/decode/layout.ts to event.h. */
int print_layout(void)
{
#define SIZE(type) printf("\"%s\":{\"size\":%zu", #type, sizeof(struct type));
#define FIELD(type, field) printf(",\"%s\":%zu", #field, offsetof(struct type, field));
	printf("{");
	SIZE(ev_header)
	FIELD(ev_header, magic) FIELD(ev_header, kind) FIELD(ev_header, cpu) FIELD(ev_header, ktime_ns)
	FIELD(ev_header, cgroup_id) FIELD(ev_header, res) FIELD(ev_header, tgid) FIELD(ev_header, tid)
	FIELD(ev_header, uid) FIELD(ev_header, syscall) FIELD(ev_header, flags) FIELD(ev_header, comm)
	printf("},");
	SIZE(ev_exec)
	FIELD(ev_exec, cap_permitted) FIELD(ev_exec, cap_effective) FIELD(ev_exec, cap_inheritable)
	FIELD(ev_exec, exe_ino) FIELD(ev_exec, start_ns) FIELD(ev_exec, exe_ctime_ns)
	FIELD(ev_exec, exe_mtime_ns) FIELD(ev_exec, pidns_start_ns) FIELD(ev_exec, ppid) FIELD(ev_exec, sid)
	FIELD(ev_exec, vpid) FIELD(ev_exec, vpgid) FIELD(ev_exec, gid) FIELD(ev_exec, loginuid)
	FIELD(ev_exec, tty) FIELD(ev_exec, exe_flags) FIELD(ev_exec, args_len) FIELD(ev_exec, filename_len)
	FIELD(ev_exec, exe_len) FIELD(ev_exec, cwd_len) FIELD(ev_exec, pgid) FIELD(ev_exec, env_len)
	printf("},");
	SIZE(ev_fork)
	FIELD(ev_fork, start_ns) FIELD(ev_fork, clone_flags) FIELD(ev_fork, child_tgid) FIELD(ev_fork, child_vpid) FIELD(ev_fork, child_ppid)
	FIELD(ev_fork, call)
	printf("},");
	SIZE(ev_syscall)
	FIELD(ev_syscall, arg) FIELD(ev_syscall, len)
	printf("},");
	SIZE(ev_socket)
	FIELD(ev_socket, fd) FIELD(ev_socket, fd2) FIELD(ev_socket, family) FIELD(ev_socket, type)
	FIELD(ev_socket, protocol) FIELD(ev_socket, local_port) FIELD(ev_socket, remote_port)
	FIELD(ev_socket, sockaddr_len) FIELD(ev_socket, arg) FIELD(ev_socket, local_ip)
	FIELD(ev_socket, remote_ip) FIELD(ev_socket, sockaddr)
	printf("},\"syscalls\":{");
	const char *comma = "";
#define CODE(code, name) printf("%s\"%s\":%d", comma, #name, code), comma = ",";
	EV_SYSCALL_TABLE(CODE)
	printf("},\"kinds\":{\"hello\":%d,\"drops\":%d,\"cgroup\":%d,\"exec\":%d,\"fork\":%d,\"exit\":%d,"
	       "\"syscall\":%d,\"socket\":%d},\"magic\":%u,\"frameBytesMax\":%d}\n",
	       EV_HELLO, EV_DROPS, EV_CGROUP, EV_EXEC, EV_FORK, EV_EXIT, EV_SYSCALL, EV_SOCKET, EV_MAGIC,
	       EV_FRAME_BYTES_MAX);
	return 0;
}
