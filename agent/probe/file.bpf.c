/* Changes of names, modes and owners of files. */

/* PATH(name, path argument, dirfd argument or AT_FDCWD) */
#define PATH(name, path, dirfd)                                                                      \
	SEC("tp/syscalls/sys_exit_" #name)                                                           \
	int sys_##name(struct trace_event_raw_sys_exit *ctx)                                         \
	{                                                                                            \
		struct call_record *rec = begin_call(EV_SC_##name, ctx->ret);                        \
		if (rec)                                                                             \
			end_call(rec, add_path(rec, 0, 0, (void *)rec->e.arg[path], dirfd));         \
		return 0;                                                                            \
	}

/* TWO_PATHS(name, old path, its dirfd, new path, its dirfd) */
#define TWO_PATHS(name, old_path, old_dirfd, new_path, new_dirfd)                                    \
	SEC("tp/syscalls/sys_exit_" #name)                                                           \
	int sys_##name(struct trace_event_raw_sys_exit *ctx)                                         \
	{                                                                                            \
		struct call_record *rec = begin_call(EV_SC_##name, ctx->ret);                        \
		__u64 end;                                                                           \
		if (!rec)                                                                            \
			return 0;                                                                    \
		end = add_path(rec, 0, 0, (void *)rec->e.arg[old_path], old_dirfd);                  \
		if (end > CALL_DATA_MAX)                                                             \
			return 0;                                                                    \
		end_call(rec, add_path(rec, 2, end, (void *)rec->e.arg[new_path], new_dirfd));       \
		return 0;                                                                            \
	}

#define DIRFD(n) ((__s32)rec->e.arg[n])

PATH(unlink, 0, AT_FDCWD)
PATH(unlinkat, 1, DIRFD(0))
PATH(rmdir, 0, AT_FDCWD)
PATH(chmod, 0, AT_FDCWD)
PATH(fchmodat, 1, DIRFD(0))
PATH(fchmodat2, 1, DIRFD(0))
PATH(mkdir, 0, AT_FDCWD)
PATH(mkdirat, 1, DIRFD(0))
PATH(chown, 0, AT_FDCWD)
PATH(lchown, 0, AT_FDCWD)
PATH(fchownat, 1, DIRFD(0))
PATH(chroot, 0, AT_FDCWD)
TWO_PATHS(rename, 0, AT_FDCWD, 1, AT_FDCWD)
TWO_PATHS(renameat, 1, DIRFD(0), 3, DIRFD(2))
TWO_PATHS(renameat2, 1, DIRFD(0), 3, DIRFD(2))
TWO_PATHS(link, 0, AT_FDCWD, 1, AT_FDCWD)
TWO_PATHS(linkat, 1, DIRFD(0), 3, DIRFD(2))
TWO_PATHS(symlink, 0, AT_FDCWD, 1, AT_FDCWD)
TWO_PATHS(symlinkat, 0, AT_FDCWD, 2, DIRFD(1))

/* BY_FD(name): the path is that of the descriptor. */
#define BY_FD(name)                                                                                  \
	SEC("tp/syscalls/sys_exit_" #name)                                                           \
	int sys_##name(struct trace_event_raw_sys_exit *ctx)                                         \
	{                                                                                            \
		struct call_record *rec = begin_call(EV_SC_##name, ctx->ret);                        \
		struct task_struct *task = bpf_get_current_task_btf();                               \
		struct file *file;                                                                   \
		if (!rec)                                                                            \
			return 0;                                                                    \
		file = file_of(task, DIRFD(0));                                                      \
		rec->e.len[1] = add_walk(rec->data, BPF_CORE_READ(file, f_path.mnt),                 \
					 BPF_CORE_READ(file, f_path.dentry), task, FOR_EVENT);      \
		end_call(rec, rec->e.len[1]);                                                        \
		return 0;                                                                            \
	}

BY_FD(fchmod)
BY_FD(fchown)
