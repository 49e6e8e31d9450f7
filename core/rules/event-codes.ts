/**
 * How many event codes a name stands for in libsinsp's table: enter, exit and older versions. Every other name
 * is a system call without events of its own; those share two generic codes.
 * Source: falcosecurity/libs driver/event_table.c.
 */
const CODES: Readonly<Record<number, string>> = {
  1: 'asyncevent close_range cpu_hotplug groupadded groupdeleted infra k8s keyctl mesos notification page_fault pluginevent procinfo scapevent signaldeliver task task_file_anon_inode task_file_directory task_file_memfd task_file_pipe task_file_regular task_file_socket_inet task_file_socket_inet6 task_file_socket_netlink task_file_socket_unix tracer useradded userdeleted',
  2: 'accept4 access bind capset chdir chmod chown chroot clone3 close connect copy_file_range creat delete_module drop dup2 dup3 epoll_create epoll_create1 epoll_wait eventfd eventfd2 execveat fchdir fchmod fchmodat fchown fchownat fcntl finit_module flock fsconfig fstat fstat64 futex getcwd getdents getdents64 getegid geteuid getgid getpeername getresgid getresuid getrlimit getsockname getsockopt getuid init_module inotify_init inotify_init1 io_uring_enter io_uring_register io_uring_setup kill lchown listen llseek lseek lstat lstat64 memfd_create mkdirat mknod mknodat mlock mlock2 mlockall mmap mmap2 mount mprotect munlock munlockall munmap nanosleep newfstatat open open_by_handle_at openat2 pidfd_getfd pidfd_open pipe pipe2 poll ppoll prctl pread preadv prlimit process_vm_readv process_vm_writev procexit ptrace pwrite pwritev quotactl read readv recv recvfrom recvmmsg recvmsg rename renameat renameat2 seccomp semctl semget semop send sendfile sendmmsg sendmsg sendto setgid setns setpgid setregid setresgid setresuid setreuid setrlimit setsid setsockopt setuid shutdown signalfd signalfd4 socket socketpair splice stat stat64 switch symlink symlinkat tgkill timerfd_create tkill umount2 unshare userfaultfd write writev',
  3: 'container',
  4: 'bpf brk dup ioctl link linkat mkdir openat rmdir select umount unlink unlinkat',
  6: 'fork vfork',
  8: 'accept clone',
  16: 'execve',
};
const GENERIC = 2;

const BY_NAME: ReadonlyMap<string, number> = new Map(
  Object.entries(CODES).flatMap(([count, names]) =>
    names.split(' ').map((name) => [name, Number(count)] as const),
  ),
);

/** Number of event codes that a set of event names covers, as Falco counts them. */
export function eventCodeCount(names: ReadonlySet<string>): number {
  let count = 0;
  let generic = false;
  for (const name of names) {
    const own = BY_NAME.get(name);
    if (own === undefined) generic = true;
    else count += own;
  }
  return count + (generic ? GENERIC : 0);
}
