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
STRING(memfd_create, 0)
STRING(init_module, 2)
STRING(finit_module, 1)
STRING(umount, 0)

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
