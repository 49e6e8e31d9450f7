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
#define SHORT_NAME_BYTES_MAX 40 /* in the dentry itself: 32 before 6.14 */

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
struct prefix_text {
	struct prefix_key key;
	char tail[SHORT_NAME_BYTES_MAX]; /* names are compared in whole words */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct prefix_text);
} prefix_scratch SEC(".maps");

#define EVERY_BYTE 0x0101010101010101ull

/* Sets the top bit of every byte that is `c`; also of one that differs from it by its lowest bit and follows
 * one that is. As '.' and '/' are such a pair, "./" and "/." may show one character too many. */
static __always_inline __u64 bytes_that_are(__u64 word, char c)
{
	__u64 x = word ^ EVERY_BYTE * c;
	return (x - EVERY_BYTE) & ~x & EVERY_BYTE << 7;
}

/* Whether a path may name something else than it spells by itself: true if "//", "/." or "../" is in it, eight
 * bytes at a time. True too often only for a name that begins or ends with a dot. */
static __always_inline bool is_crooked(const char *path, __u32 n)
{
	__u64 slashes_before = 0, dots_before = 0;

	for (__u32 i = 0; i < PREFIX_BYTES_MAX / 8; i++) {
		__u64 word, slashes, dots, after_slash, after_dot, after_two;
		if (i * 8 >= n)
			break;
		word = *(__u64 *)(path + i * 8);
		if (n - i * 8 < 8)
			word &= (1ull << (n - i * 8) * 8) - 1;
		slashes = bytes_that_are(word, '/');
		dots = bytes_that_are(word, '.');
		after_slash = slashes << 8 | slashes_before >> 56;
		after_dot = dots << 8 | dots_before >> 56;
		after_two = dots << 16 | dots_before >> 48;
		if ((after_slash & (slashes | dots)) | (after_dot & after_two & slashes))
			return true;
		slashes_before = slashes;
		dots_before = dots;
	}
	return false;
}

#ifdef HAVE_RDONLY_CAST
struct dentry___before_6_14 {
	unsigned char d_iname[32];
} __attribute__((preserve_access_index));
union shortname_store___6_14 {
	unsigned char string[SHORT_NAME_BYTES_MAX];
} __attribute__((preserve_access_index));
struct dentry___6_14 {
	union shortname_store___6_14 d_shortname;
} __attribute__((preserve_access_index));

/* Whether the opened file's chain of names spells the path in prefix_scratch, looked at from its end and without
 * copying; false also for long names. A global function: verified once. */
__noinline int stands_as_spelled(__u32 zero)
{
	struct prefix_text *text = bpf_map_lookup_elem(&prefix_scratch, &zero);
	struct real_path *real = bpf_map_lookup_elem(&real_scratch, &zero);
	__u64 mnt, dentry, own;

	if (!text || !real)
		return 0;
	own = bpf_core_field_exists(struct dentry___before_6_14, d_iname) ?
		      bpf_core_field_offset(struct dentry___before_6_14, d_iname) :
		      bpf_core_field_offset(struct dentry___6_14, d_shortname);
	mnt = real->span.mnt - bpf_core_field_offset(struct mount, mnt);
	dentry = real->span.dentry;
	*(volatile __u32 *)&real->at = text->key.bits / 8; /* in memory for the verifier's sake, see walk_path */
	for (int i = 0; i < REAL_DEPTH_MAX; i++) {
		struct dentry *d = TYPED(dentry, struct dentry);
		__u64 parent, at, len, differs = 0;

		if (dentry == (__u64)FIELD(mnt, struct mount, mnt.mnt_root)) {
			__u64 up = (__u64)FIELD(mnt, struct mount, mnt_parent);
			if (up == mnt)
				return *(volatile __u32 *)&real->at == 0;
			dentry = (__u64)FIELD(mnt, struct mount, mnt_mountpoint);
			mnt = up;
			continue;
		}
		parent = (__u64)d->d_parent;
		len = d->d_name.len;
		at = *(volatile __u32 *)&real->at;
		if (parent == dentry || (__u64)d->d_name.name != dentry + own || len == 0 ||
		    len > SHORT_NAME_BYTES_MAX || at <= len || at >= PREFIX_BYTES_MAX)
			return 0;
		at -= len;
		if (text->key.path[(at - 1) & (PREFIX_BYTES_MAX - 1)] != '/')
			return 0;
		for (__u32 w = 0; w < SHORT_NAME_BYTES_MAX / 8; w++) {
			__u64 word;
			if (w * 8 >= len)
				break;
			word = *(__u64 *)((void *)d + own + w * 8) ^
			       *(__u64 *)(text->key.path + (at & (PREFIX_BYTES_MAX - 1)) + w * 8);
			if (len - w * 8 < 8)
				word &= (1ull << (len - w * 8) * 8) - 1;
			differs |= word;
		}
		if (differs)
			return 0;
		*(volatile __u32 *)&real->at = at - 1;
		dentry = parent;
	}
	return 0;
}
#else
static __always_inline int stands_as_spelled(__u32 zero)
{
	return 0;
}
#endif

/* False only if neither the path as spelled nor that of the file it led to can begin with a wanted prefix.
 * What is relative, crooked or too long for the table is kept for the agent to resolve; a link shows in the
 * file that was opened. opened: where that stands, or NULL when nothing was opened. */
static __always_inline bool prefix_wanted(const void *user, struct real_path *opened)
{
	__u32 zero = 0;
	struct prefix_text *text = bpf_map_lookup_elem(&prefix_scratch, &zero);
	struct prefix_key *key = (void *)text;
	long n;

	if (!key)
		return true;
	n = bpf_probe_read_user_str(key->path, sizeof key->path, user);
	if (n <= 1 || n >= PREFIX_BYTES_MAX || key->path[0] != '/' || is_crooked(key->path, n))
		return true;
	key->bits = (n - 1) * 8;
	if (bpf_map_lookup_elem(&open_prefixes, key))
		return true;
	if (!opened || stands_as_spelled(0))
		return false;
	n = find_real_path(0);
	if (n <= 0 || n >= PREFIX_BYTES_MAX)
		return true;
	if (is_spelled(opened, key->path))
		return false;
	barrier_var(n);
	if (n >= PREFIX_BYTES_MAX ||
	    bpf_probe_read_kernel(key->path, n, opened->bytes + (opened->at & REAL_BYTES_MASK)))
		return true;
	key->bits = n * 8;
	return bpf_map_lookup_elem(&open_prefixes, key) != NULL;
}

static __always_inline int open_exit(__u16 code, long res, __u64 dirfd, const void *path, __u64 flags, __u64 mode,
				     __u64 resolve)
{
	struct task_struct *task = bpf_get_current_task_btf();
	bool write = (flags & O_ACCMODE) != 0 || flags & (O_CREAT | O_TRUNC | O_APPEND), in_container, is_same;
	__u32 zero = 0;
	struct real_path *real = NULL;
	struct call_record *rec;
	struct file *file = NULL;
	__u64 cgroup_id = 0, end;
	__u8 rule;

	if (path && res < 0 && (open_failed == 0 || (open_failed == 1 && res != -13 && res != -1)))
		return 0;
	if (skipped(task))
		return 0;
	if (path && (write ? !open_write[0] && !open_write[1] : !open_read[0] && !open_read[1]))
		return 0;
	rule = write ? open_write[0] : open_read[0];
	is_same = !path || rule == (write ? open_write[1] : open_read[1]);
	/* Finding the cgroup costs a tenth of what a dropped open costs: only where it decides. */
	if (!is_same) {
		cgroup_id = cgroup_of(task, &in_container, FOR_EVENT);
		if (in_container)
			rule = write ? open_write[1] : open_read[1];
	}
	if (!path)
		rule = OPEN_ALL;
	if (rule == OPEN_NONE)
		return 0;
	if (res >= 0) {
		file = file_of(task, res);
		real = bpf_map_lookup_elem(&real_scratch, &zero);
		if (!real)
			return 0;
		real->span.mnt = (__u64)FIELD(file, struct file, f_path.mnt);
		real->span.dentry = (__u64)FIELD(file, struct file, f_path.dentry);
	}
	if (rule == OPEN_PREFIX && !prefix_wanted(path, real))
		return 0;
	if (is_same)
		cgroup_id = cgroup_of(task, &in_container, FOR_EVENT);
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
	end = path ? add_path(rec, 0, 0, path, dirfd) : 0;
	if (real)
		find_real_path(0);
	if (real && real->at != REAL_NOWHERE && end <= CALL_DATA_MAX && !(path && is_spelled(real, rec->data))) {
		rec->e.len[3] = add_walk(rec->data + end, (void *)real->span.mnt, (void *)real->span.dentry, NULL,
					 FOR_EVENT);
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

/* A handle names no path, so no rule for paths applies: all are sent. */
SEC("tp/syscalls/sys_exit_open_by_handle_at")
int sys_open_by_handle_at(struct trace_event_raw_sys_exit *ctx)
{
	struct pt_regs *regs = current_regs();
	return open_exit(EV_SC_open_by_handle_at, ctx->ret, PT_REGS_PARM1_SYSCALL(regs), NULL,
			 PT_REGS_PARM3_SYSCALL(regs), 0, 0);
}
