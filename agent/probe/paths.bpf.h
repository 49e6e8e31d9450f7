/* Directory chains: names leaf first, as the process sees them (stops at its root directory). */
#ifndef EYRIE_PATHS_BPF_H
#define EYRIE_PATHS_BPF_H

/* Where a walk begins and where it stops: the root directory of the process that names the path, or none for the
 * root of all mounts, which a process cannot choose. Global functions take no pointers, but numbers in a
 * map; so callers may read fields through typed pointers, which costs no helper call. */
struct span {
	__u64 mnt, dentry;
	__u64 top_mnt, top_dentry;
};

struct walk {
	struct span span;
	__u32 len; /* kept in memory: in a register its range would multiply the verifier's states */
	char names[EV_WALK_BYTES_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SCRATCH_SLOTS);
	__type(key, __u32);
	__type(value, struct walk);
} walk_scratch SEC(".maps");

static __always_inline void fill_span(struct span *span, struct vfsmount *mnt, struct dentry *dentry,
				      struct task_struct *rooted)
{
	span->mnt = (__u64)mnt;
	span->dentry = (__u64)dentry;
	span->top_mnt = rooted ? (__u64)rooted->fs->root.mnt : 0;
	span->top_dentry = rooted ? (__u64)rooted->fs->root.dentry : 0;
}

/* A global function: the verifier checks it once for all callers. */
__noinline int walk_path(__u32 slot)
{
	struct walk *walk = bpf_map_lookup_elem(&walk_scratch, &slot);
	struct dentry *dentry;
	struct mount *mnt;

	if (!walk)
		return 0;
	mnt = (void *)walk->span.mnt - bpf_core_field_offset(struct mount, mnt);
	dentry = (void *)walk->span.dentry;
	walk->len = 0;
	for (int i = 0; i < EV_WALK_DEPTH_MAX; i++) {
		struct dentry *parent;
		__u64 off;
		long n;

		if ((__u64)dentry == walk->span.top_dentry && (__u64)&mnt->mnt == walk->span.top_mnt)
			break;
		if (dentry == FIELD(mnt, struct mount, mnt.mnt_root)) {
			struct mount *up = FIELD(mnt, struct mount, mnt_parent);
			if (up == mnt)
				break;
			dentry = FIELD(mnt, struct mount, mnt_mountpoint);
			mnt = up;
			continue;
		}
		parent = FIELD(dentry, struct dentry, d_parent);
		off = *(volatile __u32 *)&walk->len;
		if (off > EV_WALK_BYTES_MAX - 256)
			break;
		n = bpf_probe_read_kernel_str(walk->names + off, 256, FIELD(dentry, struct dentry, d_name.name));
		if (n <= 0)
			break;
		*(volatile __u32 *)&walk->len = off + n;
		if (parent == dentry) /* disconnected: memfd, pipe */
			break;
		dentry = parent;
	}
	return walk->len;
}

/* Puts the chain, up to the root of the task if one is given, at `at`, which must have EV_WALK_BYTES_MAX bytes. Returns its length. */
static __always_inline __u64 add_walk(char *at, struct vfsmount *mnt, struct dentry *dentry, struct task_struct *task,
				      __u32 slot)
{
	struct walk *walk = bpf_map_lookup_elem(&walk_scratch, &slot);
	__u64 len;

	if (!walk)
		return 0;
	fill_span(&walk->span, mnt, dentry, task);
	walk_path(slot);
	len = walk->len;
	barrier_var(len);
	if (len > EV_WALK_BYTES_MAX || bpf_probe_read_kernel(at, len, walk->names))
		return 0;
	return len;
}

/* The path of an opened file, written from its end: bytes[at … at + len) without a NUL. */
#define REAL_BYTES_MAX 512
#define REAL_BYTES_MASK (REAL_BYTES_MAX - 1)
#define REAL_NAME_MAX 255
#define REAL_DEPTH_MAX 24
#define REAL_NOWHERE 0xffffffffu

struct real_path {
	__u32 at;  /* REAL_NOWHERE: it lies in no directory */
	__u32 len; /* 0: too long or too deep, or nowhere */
	struct span span;
	char bytes[REAL_BYTES_MAX + REAL_NAME_MAX + 1]; /* the tail is the verifier's, whose ranges are wider */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct real_path);
} real_scratch SEC(".maps");

/* A global function: verified once. Does not stop at a root directory that the process has chosen. */
__noinline int find_real_path(__u32 slot)
{
	struct real_path *real = bpf_map_lookup_elem(&real_scratch, &slot);
	struct dentry *dentry;
	struct mount *mnt;

	if (!real)
		return 0;
	mnt = (void *)real->span.mnt - bpf_core_field_offset(struct mount, mnt);
	dentry = (void *)real->span.dentry;
	real->len = 0;
	real->at = REAL_BYTES_MAX;
	for (int i = 0; i < REAL_DEPTH_MAX; i++) {
		struct dentry *parent;
		__u64 at, len;

		if (dentry == FIELD(mnt, struct mount, mnt.mnt_root)) {
			struct mount *up = FIELD(mnt, struct mount, mnt_parent);
			if (up == mnt)
				goto complete;
			dentry = FIELD(mnt, struct mount, mnt_mountpoint);
			mnt = up;
			continue;
		}
		parent = FIELD(dentry, struct dentry, d_parent);
		if (parent == dentry) { /* memfd, pipe */
			real->at = REAL_NOWHERE;
			return 0;
		}
		len = FIELD(dentry, struct dentry, d_name.len);
		at = *(volatile __u32 *)&real->at; /* in memory for the verifier's sake, see walk_path */
		if (len == 0 || len > REAL_NAME_MAX || at > REAL_BYTES_MAX || at < len + 1)
			return 0;
		at = (at - len - 1) & REAL_BYTES_MASK;
		barrier_var(len);
		if (len > REAL_NAME_MAX)
			return 0;
		real->bytes[at] = '/';
		if (bpf_probe_read_kernel(real->bytes + at + 1, len, FIELD(dentry, struct dentry, d_name.name)))
			return 0;
		*(volatile __u32 *)&real->at = at;
		dentry = parent;
	}
	return 0;
complete:
	if (real->at == REAL_BYTES_MAX) {
		real->at = 0;
		real->bytes[0] = '/';
		real->len = 1;
	} else {
		real->len = REAL_BYTES_MAX - real->at;
	}
	return real->len;
}

/* Whether the file's path is the NUL-terminated one at `spelled`, in steps of 8 bytes. Only paths below 128
 * bytes are compared; a longer one counts as another. */
static __always_inline bool is_spelled(const struct real_path *real, const char *spelled)
{
	__u32 len = real->len, at = real->at & REAL_BYTES_MASK;

	if (len == 0 || len >= 128)
		return false;
	for (__u32 i = 0; i < 16; i++) {
		__u64 a, b, differs;
		if (i * 8 > len)
			break;
		a = *(__u64 *)(real->bytes + at + i * 8);
		b = *(__u64 *)(spelled + i * 8);
		differs = a ^ b;
		if (len - i * 8 < 8) /* the last step: what follows the path is the NUL of the spelled one */
			return !(differs & ((1ull << (len - i * 8) * 8) - 1)) && !(b >> (len - i * 8) * 8 & 0xff);
		if (differs)
			return false;
	}
	return false;
}

static __always_inline struct file *file_of(struct task_struct *task, __s32 fd)
{
	struct fdtable *table = task->files->fdt;
	struct file **files, *file = NULL;

	if (fd < 0 || (__u32)fd >= table->max_fds)
		return NULL;
	files = table->fd;
	bpf_probe_read_kernel(&file, sizeof file, files + fd);
	return file;
}

/* Overlayfs keeps the upper dentry directly behind the inode it embeds (struct ovl_inode, 4.19 … 6.18). */
static __always_inline __u32 overlay_layer(struct inode *inode)
{
	struct dentry *upper = NULL;

	if (BPF_CORE_READ(inode, i_sb, s_magic) != 0x794c7630)
		return 0;
	bpf_probe_read_kernel(&upper, sizeof upper, (void *)inode + bpf_core_type_size(struct inode));
	return upper && BPF_CORE_READ(upper, d_inode) ? 1 : 2;
}

#endif
