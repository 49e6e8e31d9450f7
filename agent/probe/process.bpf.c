/* exec, fork and exit from the scheduler's BTF tracepoints: no syscall is taxed by them. */

#define S_IWUSR 0200
#define S_IWGRP 0020
#define S_IWOTH 0002
#define S_IMMUTABLE 8
#define SB_RDONLY 1
#define CAP_DAC_OVERRIDE 1
#define MEMFD_COLON 0x3a64666d656dull /* "memfd:", little-endian */

struct exec_record {
	struct ev_exec e;
	char data[EV_ARGS_BYTES_MAX + EV_PATH_BYTES_MAX + 2 * EV_WALK_BYTES_MAX + EV_ENV_BYTES_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SCRATCH_SLOTS);
	__type(key, __u32);
	__type(value, struct exec_record);
} exec_scratch SEC(".maps");

static __always_inline __u32 pid_in_namespace(struct pid *pid)
{
	__u32 level = BPF_CORE_READ(pid, level), nr = 0;

	bpf_probe_read_kernel(&nr, sizeof nr,
			      (void *)pid + bpf_core_field_offset(struct pid, numbers) +
				      level * bpf_core_type_size(struct upid) +
				      bpf_core_field_offset(struct upid, nr));
	return nr;
}

static __always_inline __u32 tty_of(struct task_struct *task)
{
	struct tty_struct *tty = BPF_CORE_READ(task, signal, tty);
	__u32 major, minor;

	if (!tty)
		return 0;
	major = BPF_CORE_READ(tty, driver, major);
	minor = BPF_CORE_READ(tty, driver, minor_start) + BPF_CORE_READ(tty, index);
	return (minor & 0xff) | (major << 8) | ((minor & ~0xffu) << 12); /* new_encode_dev */
}

static __always_inline __u64 read_caps(const void *caps)
{
	__u64 mask = 0;
	bpf_probe_read_kernel(&mask, sizeof mask, caps); /* u32[2] before 6.3, u64 since: same bytes */
	return mask;
}

/* Times of an inode have changed their place three times. */
struct inode___6_11 {
	__s64 i_ctime_sec, i_mtime_sec;
	__u32 i_ctime_nsec, i_mtime_nsec;
} __attribute__((preserve_access_index));
struct inode___6_7 {
	struct timespec64 __i_ctime, __i_mtime;
} __attribute__((preserve_access_index));
struct inode___6_6 {
	struct timespec64 __i_ctime, i_mtime;
} __attribute__((preserve_access_index));
struct inode___5_15 {
	struct timespec64 i_ctime, i_mtime;
} __attribute__((preserve_access_index));

#define NS_OF(time) ((time).tv_sec * 1000000000ull + (time).tv_nsec)

static __always_inline void fill_times(struct ev_exec *e, struct inode *any)
{
	struct inode___6_11 *split = (void *)any;
	struct inode___6_7 *both = (void *)any;
	struct inode___6_6 *mixed = (void *)any;
	struct inode___5_15 *plain = (void *)any;

	if (bpf_core_field_exists(split->i_ctime_sec)) {
		e->exe_ctime_ns = split->i_ctime_sec * 1000000000ull + split->i_ctime_nsec;
		e->exe_mtime_ns = split->i_mtime_sec * 1000000000ull + split->i_mtime_nsec;
	} else if (bpf_core_field_exists(both->__i_mtime)) {
		e->exe_ctime_ns = NS_OF(both->__i_ctime);
		e->exe_mtime_ns = NS_OF(both->__i_mtime);
	} else if (bpf_core_field_exists(mixed->__i_ctime)) {
		e->exe_ctime_ns = NS_OF(mixed->__i_ctime);
		e->exe_mtime_ns = NS_OF(mixed->i_mtime);
	} else {
		e->exe_ctime_ns = NS_OF(plain->i_ctime);
		e->exe_mtime_ns = NS_OF(plain->i_mtime);
	}
}

/* Start of the first process of the pid namespace that the process lives in. */
static __always_inline __u64 pidns_start(struct pid *pid)
{
	__u32 level = BPF_CORE_READ(pid, level);
	struct pid_namespace *ns = NULL;

	bpf_probe_read_kernel(&ns, sizeof ns,
			      (void *)pid + bpf_core_field_offset(struct pid, numbers) +
				      level * bpf_core_type_size(struct upid) + bpf_core_field_offset(struct upid, ns));
	return BPF_CORE_READ(ns, child_reaper, start_time);
}

static __always_inline __u32 exe_flags(struct file *file, struct task_struct *task, __u64 cap_effective)
{
	struct inode *inode = file->f_inode;
	struct dentry *dentry = file->f_path.dentry;
	__u32 mode = inode->i_mode, flags = 0, layer = overlay_layer(inode);
	__u64 name = 0;

	if (!(inode->i_flags & S_IMMUTABLE) && !(inode->i_sb->s_flags & SB_RDONLY)) {
		bool owner = inode->i_uid.val == task->cred->fsuid.val;
		bool group = inode->i_gid.val == task->cred->fsgid.val;
		if ((owner && mode & S_IWUSR) || (group && mode & S_IWGRP) || mode & S_IWOTH ||
		    cap_effective >> CAP_DAC_OVERRIDE & 1)
			flags |= EV_EXE_WRITABLE;
	}
	flags |= layer == 1 ? EV_EXE_UPPER_LAYER : layer == 2 ? EV_EXE_LOWER_LAYER : 0;
	bpf_probe_read_kernel(&name, 6, dentry->d_name.name);
	if (dentry->d_parent == dentry && name == MEMFD_COLON)
		flags |= EV_EXE_FROM_MEMFD;
	return flags;
}

static __always_inline void fill_identity(struct ev_exec *e, struct task_struct *task)
{
	const struct cred *cred = task->cred;

	e->cap_permitted = read_caps(&cred->cap_permitted);
	e->cap_effective = read_caps(&cred->cap_effective);
	e->cap_inheritable = read_caps(&cred->cap_inheritable);
	e->start_ns = task->group_leader->start_time;
	e->ppid = task->real_parent->tgid;
	e->sid = pid_in_namespace(BPF_CORE_READ(task, signal, pids[PIDTYPE_SID]));
	e->vpgid = pid_in_namespace(BPF_CORE_READ(task, signal, pids[PIDTYPE_PGID]));
	e->vpid = pid_in_namespace(BPF_CORE_READ(task, signal, pids[PIDTYPE_TGID]));
	e->pgid = BPF_CORE_READ(task, signal, pids[PIDTYPE_PGID], numbers[0].nr);
	e->pidns_start_ns = pidns_start(BPF_CORE_READ(task, signal, pids[PIDTYPE_TGID]));
	e->gid = cred->egid.val;
	e->loginuid = task->loginuid.val;
	e->tty = tty_of(task);
}

/* Appends the environment at `at`, which must have EV_ENV_BYTES_MAX bytes. Returns its length. */
static __always_inline __u64 add_environment(struct exec_record *rec, char *at, struct task_struct *task)
{
	unsigned long start = task->mm->env_start, end = task->mm->env_end;
	__u64 len = end - start;

	if (len > EV_ENV_BYTES_MAX) {
		len = EV_ENV_BYTES_MAX;
		rec->e.h.flags |= EV_TRUNCATED;
	}
	barrier_var(len);
	if (len > EV_ENV_BYTES_MAX)
		return 0;
	if (bpf_probe_read_user(at, len, (void *)start)) {
		rec->e.h.flags |= EV_FAULT;
		count_drop(EV_DROP_FAULT);
		return 0;
	}
	return len;
}

/* Appends filename, exe chain, cwd chain and environment behind the arguments and sends the record. */
static __always_inline void finish_exec(struct exec_record *rec, struct task_struct *task, struct file *file,
					const char *filename, __u64 off, __u32 slot)
{
	long n = 0;
	__u64 len;

	if (off > EV_ARGS_BYTES_MAX)
		return;
	if (filename)
		n = bpf_probe_read_kernel_str(rec->data + off, EV_PATH_BYTES_MAX, filename);
	if (n < 0)
		n = 0;
	rec->e.filename_len = n;
	off += n;
	if (off > EV_ARGS_BYTES_MAX + EV_PATH_BYTES_MAX)
		return;
	len = add_walk(rec->data + off, file->f_path.mnt, file->f_path.dentry, task,
		       slot);
	rec->e.exe_len = len;
	off += len;
	if (off > EV_ARGS_BYTES_MAX + EV_PATH_BYTES_MAX + EV_WALK_BYTES_MAX)
		return;
	len = add_walk(rec->data + off, task->fs->pwd.mnt, task->fs->pwd.dentry, task,
		       slot);
	rec->e.cwd_len = len;
	off += len;
	if (off > EV_ARGS_BYTES_MAX + EV_PATH_BYTES_MAX + 2 * EV_WALK_BYTES_MAX)
		return;
	rec->e.env_len = 0;
	rec->e.pad = 0;
	if (filename) {
		len = add_environment(rec, rec->data + off, task);
		rec->e.env_len = len;
		off += len;
	}
	if (off <= sizeof rec->data)
		output(rec, sizeof rec->e + off);
}

static __always_inline void begin_exec(struct exec_record *rec, struct task_struct *task, struct file *file,
				       __u32 slot)
{
	bool in_container;

	fill_header(&rec->e.h, task, EV_EXEC, 0, cgroup_of(task, &in_container, slot));
	fill_identity(&rec->e, task);
	rec->e.exe_flags = exe_flags(file, task, rec->e.cap_effective);
	rec->e.exe_ino = file->f_inode->i_ino;
	fill_times(&rec->e, file->f_inode);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *traced, pid_t old_pid, struct linux_binprm *bprm)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 slot = FOR_EVENT;
	struct exec_record *rec = bpf_map_lookup_elem(&exec_scratch, &slot);
	unsigned long arg_start, arg_end;
	__u64 len;

	if (!rec || skipped(task))
		return 0;
	begin_exec(rec, task, bprm->file, slot);
	arg_start = task->mm->arg_start;
	arg_end = task->mm->arg_end;
	len = arg_end - arg_start;
	if (len > EV_ARGS_BYTES_MAX) {
		len = EV_ARGS_BYTES_MAX;
		rec->e.h.flags |= EV_TRUNCATED;
	}
	barrier_var(len);
	if (len > EV_ARGS_BYTES_MAX)
		return 0;
	if (bpf_probe_read_user(rec->data, len, (void *)arg_start)) {
		rec->e.h.flags |= EV_FAULT;
		count_drop(EV_DROP_FAULT);
		len = 0;
	}
	rec->e.args_len = len;
	finish_exec(rec, task, bprm->file, bprm->filename, len, slot);
	return 0;
}

/* Read once at start: every process that already runs, so that nothing depends on rights in /proc. */
SEC("iter/task")
int snapshot(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	__u32 slot = FOR_SNAPSHOT;
	struct exec_record *rec = bpf_map_lookup_elem(&exec_scratch, &slot);
	struct file *file;

	if (!rec || !task || task->pid != task->tgid)
		return 0;
	if (!task->mm)
		return 0;
	file = task->mm->exe_file;
	if (!file) /* a kernel thread, or one that is ending */
		return 0;
	begin_exec(rec, task, file, slot);
	rec->e.h.flags |= EV_SNAPSHOT;
	rec->e.args_len = 0;
	finish_exec(rec, task, file, NULL, 0, slot);
	return 0;
}

#if defined(__TARGET_ARCH_x86)
#define CALL_NUMBER(regs) BPF_CORE_READ(regs, orig_ax)
#define NR_CLONE 56
#define NR_FORK 57
#define NR_VFORK 58
#else
#define CALL_NUMBER(regs) BPF_CORE_READ(regs, syscallno)
#define NR_CLONE 220
#define NR_FORK -1
#define NR_VFORK -1
#endif
#define NR_CLONE3 435

static __always_inline void fill_call(struct ev_fork *e)
{
	struct pt_regs *regs = current_regs();
	long number = CALL_NUMBER(regs);

	e->clone_flags = 0;
	e->call = number == NR_FORK ? EV_FORK_FORK : number == NR_VFORK ? EV_FORK_VFORK : EV_FORK_OTHER;
	if (number == NR_CLONE) {
		e->call = EV_FORK_CLONE;
		e->clone_flags = PT_REGS_PARM1_SYSCALL(regs) & 0xffffffff;
	} else if (number == NR_CLONE3) {
		e->call = EV_FORK_CLONE3;
		bpf_probe_read_user(&e->clone_flags, sizeof e->clone_flags, (void *)PT_REGS_PARM1_SYSCALL(regs));
	}
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ev_fork *e;

	if (child->pid != child->tgid || skipped(task))
		return 0; /* threads share the process's record */
	e = bpf_ringbuf_reserve(&ring, sizeof *e, 0);
	if (!e) {
		count_drop(EV_DROP_RING_FULL);
		return 0;
	}
	fill_header(&e->h, task, EV_FORK, child->tgid, cgroup_node(task)->id);
	e->start_ns = child->start_time;
	e->child_tgid = child->tgid;
	e->child_vpid = pid_in_namespace(child->thread_pid);
	e->child_ppid = child->real_parent->tgid;
	fill_call(e);
	bpf_ringbuf_submit(e, wake_flag(sizeof *e));
	return 0;
}

/* The last thread to leave speaks for the process: signal->live is counted down before this point. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	struct task_struct *current_task = bpf_get_current_task_btf();
	struct ev_header *h;
	__s32 code;

	if (BPF_CORE_READ(current_task, signal, live.counter) != 0 || skipped(current_task))
		return 0;
	code = BPF_CORE_READ(current_task, signal, group_exit_code);
	if (!code)
		code = current_task->exit_code;
	h = bpf_ringbuf_reserve(&ring, sizeof *h, 0);
	if (!h) {
		count_drop(EV_DROP_RING_FULL);
		return 0;
	}
	fill_header(h, current_task, EV_EXIT, code, cgroup_node(current_task)->id);
	bpf_ringbuf_submit(h, wake_flag(sizeof *h));
	return 0;
}
