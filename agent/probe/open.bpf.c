/* The open family. What no rule can want is dropped before the path is copied. Arguments are unified:
 * arg[0] dirfd, [1] flags, [2] mode, [3] resolve, [4] device | ev_open_flag << 32, [5] inode. The second base
 * chain is the path of the file itself, when that is not what an absolute path spelled. */

#define O_ACCMODE 3
#define O_CREAT 0100
#define O_TRUNC 01000
#define O_APPEND 02000
#define O_TMPFILE 020000000
#define FMODE_CREATED (1 << 20)
#define PREFIX_BYTES_MAX 128

struct prefix_key {
	__u32 bits;
	char path[PREFIX_BYTES_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 512);
	__type(key, struct prefix_key);
	__type(value, __u8);
} open_prefixes SEC(".maps");

/* The LPM key of the path as spelled, then of the path as the kernel knows it. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct prefix_key);
} prefix_scratch SEC(".maps");

/* Whether a path may name something else than it spells by itself: "//", "/." or "../" in it. */
static __always_inline bool is_crooked(const char *path, long n)
{
	for (int i = 0; i < PREFIX_BYTES_MAX - 2; i++) {
		if (i >= n)
			break;
		if (path[i] == '/' && (path[i + 1] == '/' || path[i + 1] == '.'))
			return true;
		if (path[i] == '.' && path[i + 1] == '.' && path[i + 2] == '/')
			return true;
	}
	return false;
}

/* False only if neither the path as spelled nor that of the file it led to can begin with a wanted prefix.
 * What is relative, crooked or too long for the table is kept for the agent to resolve; a link shows in the
 * file that was opened. real: its path, or NULL when nothing was opened. */
static __always_inline bool prefix_wanted(const void *user, const struct real_path *real)
{
	__u32 zero = 0;
	struct prefix_key *key = bpf_map_lookup_elem(&prefix_scratch, &zero);
	long n;

	if (!key)
		return true;
	n = bpf_probe_read_user_str(key->path, sizeof key->path, user);
	if (n <= 1 || n >= PREFIX_BYTES_MAX || key->path[0] != '/' || is_crooked(key->path, n))
		return true;
	key->bits = (n - 1) * 8;
	if (bpf_map_lookup_elem(&open_prefixes, key))
		return true;
	if (!real)
		return false;
	n = real->len;
	if (n == 0 || n >= PREFIX_BYTES_MAX)
		return true;
	if (is_spelled(real, key->path))
		return false;
	barrier_var(n);
	if (n >= PREFIX_BYTES_MAX || bpf_probe_read_kernel(key->path, n, real->bytes + (real->at & REAL_BYTES_MASK)))
		return true;
	key->bits = n * 8;
	return bpf_map_lookup_elem(&open_prefixes, key) != NULL;
}

static __always_inline int open_exit(__u16 code, long res, __u64 dirfd, const void *path, __u64 flags, __u64 mode,
				     __u64 resolve)
{
	struct task_struct *task = bpf_get_current_task_btf();
	bool write = (flags & O_ACCMODE) != 0 || flags & (O_CREAT | O_TRUNC | O_APPEND), in_container;
	__u32 zero = 0;
	struct real_path *real = NULL;
	struct call_record *rec;
	struct file *file = NULL;
	__u64 cgroup_id, end;
	__u8 rule;

	if (res < 0 && (open_failed == 0 || (open_failed == 1 && res != -13 && res != -1)))
		return 0;
	if (skipped(task))
		return 0;
	if (write ? !open_write[0] && !open_write[1] : !open_read[0] && !open_read[1])
		return 0;
	cgroup_id = cgroup_of(task, &in_container, FOR_EVENT);
	rule = in_container ? (write ? open_write[1] : open_read[1]) : (write ? open_write[0] : open_read[0]);
	if (rule == OPEN_NONE)
		return 0;
	if (res >= 0) {
		file = file_of(task, res);
		real = real_path_of(file, task);
	}
	if (rule == OPEN_PREFIX && !prefix_wanted(path, real))
		return 0;
	rec = bpf_map_lookup_elem(&call_scratch, &zero);
	if (!rec)
		return 0;
	fill_header(&rec->e.h, task, EV_SYSCALL, res, cgroup_id);
	rec->e.h.syscall = code;
	rec->e.arg[0] = dirfd;
	rec->e.arg[1] = flags;
	rec->e.arg[2] = flags & (O_CREAT | O_TMPFILE) ? mode : 0;
	rec->e.arg[3] = resolve;
	rec->e.arg[4] = rec->e.arg[5] = 0;
	rec->e.len[0] = rec->e.len[1] = rec->e.len[2] = rec->e.len[3] = 0;
	if (res >= 0) {
		struct inode *inode = BPF_CORE_READ(file, f_inode);
		__u64 layer = overlay_layer(inode), facts = 0;

		if (BPF_CORE_READ(file, f_mode) & FMODE_CREATED)
			facts |= EV_OPEN_CREATED;
		facts |= layer == 1 ? EV_OPEN_UPPER_LAYER : layer == 2 ? EV_OPEN_LOWER_LAYER : 0;
		rec->e.arg[4] = BPF_CORE_READ(inode, i_sb, s_dev) | facts << 32;
		rec->e.arg[5] = BPF_CORE_READ(inode, i_ino);
	}
	end = add_path(rec, 0, 0, path, dirfd);
	if (real && real->at != REAL_NOWHERE && end <= CALL_DATA_MAX && !is_spelled(real, rec->data)) {
		rec->e.len[3] = add_walk(rec->data + end, BPF_CORE_READ(file, f_path.mnt),
					 BPF_CORE_READ(file, f_path.dentry), task, FOR_EVENT);
		end += rec->e.len[3];
	}
	end_call(rec, end);
	return 0;
}

SEC("tp/syscalls/sys_exit_open")
int sys_open(struct trace_event_raw_sys_exit *ctx)
{
	struct pt_regs *regs = current_regs();
	return open_exit(EV_SC_open, ctx->ret, AT_FDCWD, (void *)PT_REGS_PARM1_SYSCALL(regs),
			 PT_REGS_PARM2_SYSCALL(regs), PT_REGS_PARM3_SYSCALL(regs), 0);
}

SEC("tp/syscalls/sys_exit_openat")
int sys_openat(struct trace_event_raw_sys_exit *ctx)
{
	struct pt_regs *regs = current_regs();
	return open_exit(EV_SC_openat, ctx->ret, PT_REGS_PARM1_SYSCALL(regs), (void *)PT_REGS_PARM2_SYSCALL(regs),
			 PT_REGS_PARM3_SYSCALL(regs), PT_REGS_PARM4_SYSCALL(regs), 0);
}

SEC("tp/syscalls/sys_exit_openat2")
int sys_openat2(struct trace_event_raw_sys_exit *ctx)
{
	struct pt_regs *regs = current_regs();
	struct open_how how = {};

	if (bpf_probe_read_user(&how, sizeof how, (void *)PT_REGS_PARM3_SYSCALL(regs)))
		count_drop(EV_DROP_FAULT);
	return open_exit(EV_SC_openat2, ctx->ret, PT_REGS_PARM1_SYSCALL(regs),
			 (void *)PT_REGS_PARM2_SYSCALL(regs), how.flags, how.mode, how.resolve);
}

SEC("tp/syscalls/sys_exit_creat")
int sys_creat(struct trace_event_raw_sys_exit *ctx)
{
	struct pt_regs *regs = current_regs();
	return open_exit(EV_SC_creat, ctx->ret, AT_FDCWD, (void *)PT_REGS_PARM1_SYSCALL(regs), O_CREAT | O_TRUNC | 1,
			 PT_REGS_PARM2_SYSCALL(regs), 0);
}
