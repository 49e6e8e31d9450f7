/* One record for all syscalls without a socket. Only exit hooks are attached: the arguments are still in
 * the task's saved registers, the strings are resident because the kernel has just read them, and there is
 * no enter program and no pairing map to pay for. */
#ifndef EYRIE_CALL_BPF_H
#define EYRIE_CALL_BPF_H

#define AT_FDCWD -100
#define CALL_DATA_MAX (2 * EV_PATH_BYTES_MAX + 2 * EV_WALK_BYTES_MAX)

struct call_record {
	struct ev_syscall e;
	char data[CALL_DATA_MAX + EV_PATH_BYTES_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct call_record);
} call_scratch SEC(".maps");

#if defined(__TARGET_ARCH_x86)
#define CALL_PARM6(regs) ((regs)->r9)
#else
#define CALL_PARM6(regs) ((regs)->regs[5])
#endif

static __always_inline struct pt_regs *current_regs(void)
{
	return (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());
}

/* Falls through to NULL when the process is excluded. */
static __always_inline struct call_record *begin_call(__u16 code, long res)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs = current_regs();
	__u32 zero = 0;
	struct call_record *rec;
	bool in_container;

	if (skipped(task))
		return NULL;
	rec = bpf_map_lookup_elem(&call_scratch, &zero);
	if (!rec)
		return NULL;
	fill_header(&rec->e.h, task, EV_SYSCALL, res, cgroup_of(task, &in_container, FOR_EVENT));
	rec->e.h.syscall = code;
	rec->e.arg[0] = PT_REGS_PARM1_SYSCALL(regs);
	rec->e.arg[1] = PT_REGS_PARM2_SYSCALL(regs);
	rec->e.arg[2] = PT_REGS_PARM3_SYSCALL(regs);
	rec->e.arg[3] = PT_REGS_PARM4_SYSCALL(regs);
	rec->e.arg[4] = PT_REGS_PARM5_SYSCALL(regs);
	rec->e.arg[5] = 0;
	rec->e.len[0] = rec->e.len[1] = rec->e.len[2] = rec->e.len[3] = 0;
	return rec;
}

/* Appends the user string at off. Returns the new end. */
static __always_inline __u64 add_string(struct call_record *rec, __u32 slot, __u64 off, const void *user)
{
	long n;

	if (off > CALL_DATA_MAX)
		return off;
	n = bpf_probe_read_user_str(rec->data + off, EV_PATH_BYTES_MAX, user);
	if (n < 0) {
		rec->e.h.flags |= EV_FAULT;
		count_drop(EV_DROP_FAULT);
		return off;
	}
	if (n == EV_PATH_BYTES_MAX)
		rec->e.h.flags |= EV_TRUNCATED;
	rec->e.len[slot] = n;
	return off + n;
}

/* Appends a path and, when it is relative, the chain of the directory it starts from. */
static __always_inline __u64 add_path(struct call_record *rec, __u32 slot, __u64 off, const void *user, __s32 dirfd)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct vfsmount *mnt;
	struct dentry *dentry;
	__u64 end = add_string(rec, slot, off, user), len;

	if (off > CALL_DATA_MAX || rec->data[off] == '/' || end > CALL_DATA_MAX)
		return end;
	if (dirfd == AT_FDCWD) {
		mnt = task->fs->pwd.mnt;
		dentry = task->fs->pwd.dentry;
	} else {
		struct file *dir = file_of(task, dirfd);
		mnt = BPF_CORE_READ(dir, f_path.mnt);
		dentry = BPF_CORE_READ(dir, f_path.dentry);
	}
	len = add_walk(rec->data + end, mnt, dentry, task, FOR_EVENT);
	rec->e.len[slot + 1] = len;
	return end + len;
}

static __always_inline void end_call(struct call_record *rec, __u64 size)
{
	if (size <= CALL_DATA_MAX)
		output(rec, sizeof rec->e + size);
}

#endif
