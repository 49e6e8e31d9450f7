/* Command line of the loader, and the layout print-out. */
#ifndef EYRIE_OPTIONS_H
#define EYRIE_OPTIONS_H

#include <linux/types.h>
#include <stdbool.h>
#include <sys/types.h>

#define EVENTS_MAX 128
#define PREFIXES_MAX 512
#define PREFIX_BYTES_MAX 128 /* as in open.bpf.c */
#define SKIPS_MAX 3          /* slot 0 of skip_tgids is the probe itself */

struct options {
	const char *event[EVENTS_MAX];
	int event_count;
	bool events_given; /* else all but on_request in options.c */
	const char *prefix[PREFIXES_MAX];
	int prefix_count; /* of none given: default_prefixes in options.c */
	__u32 skip[SKIPS_MAX];
	int skip_count;
	pid_t skip_group; /* 0 = the probe's own process group */
	pid_t reader;	  /* 0 = anyone may read the output */
	__u8 open_read[2], open_write[2]; /* [host, container]: 0 none, 1 by prefix, 2 all */
	__u8 open_failed;
	bool all_sockets; /* else only families that are rare: not unix, inet, inet6, netlink */
	bool all_connects; /* else on the host only to the ports of the map */
	__u64 connect_ports[1024];
	__u32 buffer_bytes;
	int flush_ms;
};

extern const char *const open_words[3], *const failed_words[3];

int parse_options(int argc, char **argv, struct options *options); /* 0, or a message on stderr */
int count_ports(const struct options *options); /* of which connects on the host are let through */
bool option_wants(const struct options *options, const char *event);
int print_layout(void);
int print_features(void); /* features.c */

#endif
