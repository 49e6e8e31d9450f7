/* `probe --features`: loads an empty program of each kind and prints what the kernel says, as JSON.
 * A kind may be compiled in and still be refused (lockdown, missing trampolines): only loading tells. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "options.h"

static const struct bpf_insn return_zero[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

static void report(const char *kind, int fd)
{
	static const char *comma = "";
	printf("%s\"%s\":%d", comma, kind, fd < 0 ? -fd : 0);
	comma = ",";
	if (fd >= 0)
		close(fd);
}

/* hook: a BTF name for kinds that attach to one function, else NULL. */
static void try_program(const char *kind, enum bpf_prog_type type, enum bpf_attach_type attach, const char *hook)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach);

	if (hook) {
		int id = libbpf_find_vmlinux_btf_id(hook, attach);
		if (id < 0) {
			report(kind, id);
			return;
		}
		opts.attach_btf_id = id;
	}
	int fd = bpf_prog_load(type, "feature", "GPL", return_zero, 2, &opts);
	report(kind, fd < 0 ? -errno : fd);
}

int print_features(void)
{
	libbpf_set_print(NULL);
	printf("{");
	int ring = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "feature", 0, 0, 4096, NULL);
	report("ringbuf", ring < 0 ? -errno : ring);
	try_program("tracepoint", BPF_PROG_TYPE_TRACEPOINT, 0, NULL);
	try_program("tp_btf", BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, "sched_process_exec");
	try_program("iter", BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, "task");
	try_program("fentry", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, "security_file_open");
	try_program("lsm", BPF_PROG_TYPE_LSM, BPF_LSM_MAC, "file_open");
	try_program("kprobe", BPF_PROG_TYPE_KPROBE, 0, NULL);
	report("kprobe_attach", access("/sys/bus/event_source/devices/kprobe", F_OK) ? -ENOENT : 1000);
	printf("}\n");
	return 0;
}
