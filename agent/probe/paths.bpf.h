/* Directory chains: names leaf first, as the process sees them (stops at its root directory). */
#ifndef EYRIE_PATHS_BPF_H
#define EYRIE_PATHS_BPF_H

struct walk {
	__u32 len; /* kept in memory: in a register its range would multiply the verifier's states */
	char names[EV_WALK_BYTES_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SCRATCH_SLOTS);
	__type(key, __u32);
	__type(value, struct walk);
} walk_scratch SEC(".maps");

/* A global function: the verifier checks it once for all callers. Pointers come as numbers. */
__noinline int walk_path(__u64 vfsmount, __u64 start, __u64 top_vfsmount, __u64 top_dentry, __u32 slot)
{
	struct mount *mnt = (void *)vfsmount - bpf_core_field_offset(struct mount, mnt);
	struct dentry *dentry = (void *)start;
	struct walk *walk = bpf_map_lookup_elem(&walk_scratch, &slot);

	if (!walk)
		return 0;
	walk->len = 0;
	for (int i = 0; i < EV_WALK_DEPTH_MAX; i++) {
		struct dentry *parent;
		__u64 off;
		long n;

		if ((__u64)dentry == top_dentry && (__u64)&mnt->mnt == top_vfsmount)
			break;
		if (dentry == BPF_CORE_READ(mnt, mnt.mnt_root)) {
			struct mount *up = BPF_CORE_READ(mnt, mnt_parent);
			if (up == mnt)
				break;
			dentry = BPF_CORE_READ(mnt, mnt_mountpoint);
			mnt = up;
			continue;
		}
		parent = BPF_CORE_READ(dentry, d_parent);
		off = *(volatile __u32 *)&walk->len;
		if (off > EV_WALK_BYTES_MAX - 256)
			break;
		n = bpf_probe_read_kernel_str(walk->names + off, 256, BPF_CORE_READ(dentry, d_name.name));
		if (n <= 0)
			break;
		*(volatile __u32 *)&walk->len = off + n;
		if (parent == dentry) /* disconnected: memfd, pipe */
			break;
		dentry = parent;
	}
	return walk->len;
}

/* Puts the chain, up to the task's root, at `at`, which must have EV_WALK_BYTES_MAX bytes. Returns its length. */
static __always_inline __u64 add_walk(char *at, struct vfsmount *mnt, struct dentry *dentry, struct task_struct *task,
				      __u32 slot)
{
	struct walk *walk;
	__u64 len;

	walk_path((__u64)mnt, (__u64)dentry, (__u64)BPF_CORE_READ(task, fs, root.mnt),
		  (__u64)BPF_CORE_READ(task, fs, root.dentry), slot);
	walk = bpf_map_lookup_elem(&walk_scratch, &slot);
	if (!walk)
		return 0;
	len = walk->len;
	barrier_var(len);
	if (len > EV_WALK_BYTES_MAX || bpf_probe_read_kernel(at, len, walk->names))
		return 0;
	return len;
}

static __always_inline struct file *file_of(struct task_struct *task, __s32 fd)
{
	struct fdtable *table = task->files->fdt;
	struct file **files, *file = NULL;

	if (fd < 0 || (__u32)fd >= BPF_CORE_READ(table, max_fds))
		return NULL;
	files = BPF_CORE_READ(table, fd);
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
