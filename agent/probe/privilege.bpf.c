/* Identity, namespaces, mounts, modules, tracing: rare calls, always sent whole. */

#define NUMBERS(name)                                                                                \
	SEC("tp/syscalls/sys_exit_" #name)                                                           \
	int sys_##name(struct trace_event_raw_sys_exit *ctx)                                         \
	{                                                                                            \
		struct call_record *rec = begin_call(EV_SC_##name, ctx->ret);                        \
		if (rec)                                                                             \
			end_call(rec, 0);                                                            \
		return 0;                                                                            \
	}

#define STRING(name, argument)                                                                       \
	SEC("tp/syscalls/sys_exit_" #name)                                                           \
	int sys_##name(struct trace_event_raw_sys_exit *ctx)                                         \
	{                                                                                            \
		struct call_record *rec = begin_call(EV_SC_##name, ctx->ret);                        \
		if (rec)                                                                             \
			end_call(rec, add_string(rec, 0, 0, (void *)rec->e.arg[argument]));          \
		return 0;                                                                            \
	}

NUMBERS(setuid)
NUMBERS(setgid)
NUMBERS(setreuid)
NUMBERS(setregid)
NUMBERS(setresuid)
NUMBERS(setresgid)
NUMBERS(setns)
NUMBERS(unshare)
NUMBERS(ptrace)
NUMBERS(bpf)
NUMBERS(userfaultfd)
NUMBERS(kill)
NUMBERS(tkill)
NUMBERS(tgkill)
NUMBERS(process_vm_readv)
NUMBERS(process_vm_writev)
STRING(memfd_create, 0)
STRING(init_module, 2)
STRING(finit_module, 1)
STRING(umount, 0)
STRING(delete_module, 0)
TWO_PATHS(pivot_root, 0, AT_FDCWD, 1, AT_FDCWD)
TWO_PATHS(move_mount, 1, DIRFD(0), 3, DIRFD(2))

#define PR_SET_NAME 15

SEC("tp/syscalls/sys_exit_prctl")
int sys_prctl(struct trace_event_raw_sys_exit *ctx)
{
	struct call_record *rec = begin_call(EV_SC_prctl, ctx->ret);
	if (rec)
		end_call(rec, rec->e.arg[0] == PR_SET_NAME ? add_string(rec, 0, 0, (void *)rec->e.arg[1]) : 0);
	return 0;
}

/* arg: inheritable, permitted, effective */
SEC("tp/syscalls/sys_exit_capset")
int sys_capset(struct trace_event_raw_sys_exit *ctx)
{
	struct call_record *rec = begin_call(EV_SC_capset, ctx->ret);
	struct {
		__u32 effective, permitted, inheritable;
	} half[2] = {};

	if (!rec)
		return 0;
	/* Version 1 has one half; what cannot be read then is the other. */
	if (bpf_probe_read_user(half, sizeof half, (void *)rec->e.arg[1]))
		bpf_probe_read_user(half, sizeof half[0], (void *)rec->e.arg[1]);
	rec->e.arg[0] = half[0].inheritable | (__u64)half[1].inheritable << 32;
	rec->e.arg[1] = half[0].permitted | (__u64)half[1].permitted << 32;
	rec->e.arg[2] = half[0].effective | (__u64)half[1].effective << 32;
	end_call(rec, 0);
	return 0;
}

/* arg: entries, submission and completion entries, flags, thread's cpu, its idle time */
SEC("tp/syscalls/sys_exit_io_uring_setup")
int sys_io_uring_setup(struct trace_event_raw_sys_exit *ctx)
{
	struct call_record *rec = begin_call(EV_SC_io_uring_setup, ctx->ret);
	__u32 params[5] = {}; /* sq_entries, cq_entries, flags, sq_thread_cpu, sq_thread_idle */

	if (!rec)
		return 0;
	bpf_probe_read_user(params, sizeof params, (void *)rec->e.arg[1]);
	for (int i = 0; i < 5; i++)
		rec->e.arg[i + 1] = params[i];
	end_call(rec, 0);
	return 0;
}

/* arg: both descriptors, flags */
static __always_inline int pipe_exit(__u16 code, long res, bool has_flags)
{
	struct call_record *rec = begin_call(code, res);
	__s32 fds[2] = { -1, -1 };

	if (!rec)
		return 0;
	if (res == 0)
		bpf_probe_read_user(fds, sizeof fds, (void *)rec->e.arg[0]);
	rec->e.arg[2] = has_flags ? rec->e.arg[1] : 0;
	rec->e.arg[0] = (__u32)fds[0];
	rec->e.arg[1] = (__u32)fds[1];
	end_call(rec, 0);
	return 0;
}

SEC("tp/syscalls/sys_exit_pipe")
int sys_pipe(struct trace_event_raw_sys_exit *ctx)
{
	return pipe_exit(EV_SC_pipe, ctx->ret, false);
}

SEC("tp/syscalls/sys_exit_pipe2")
int sys_pipe2(struct trace_event_raw_sys_exit *ctx)
{
	return pipe_exit(EV_SC_pipe2, ctx->ret, true);
}

/* mount(source, target, type, flags, data): string 0 = target, 1 = source, its base slot = type. */
SEC("tp/syscalls/sys_exit_mount")
int sys_mount(struct trace_event_raw_sys_exit *ctx)
{
	struct call_record *rec = begin_call(EV_SC_mount, ctx->ret);
	__u64 end;

	if (!rec)
		return 0;
	end = add_path(rec, 0, 0, (void *)rec->e.arg[1], AT_FDCWD);
	if (rec->e.arg[0])
		end = add_string(rec, 2, end, (void *)rec->e.arg[0]);
	if (rec->e.arg[2])
		end = add_string(rec, 3, end, (void *)rec->e.arg[2]);
	end_call(rec, end);
	return 0;
}
