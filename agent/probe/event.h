/* The contract between the kernel side, the loader and agent/decode. Little-endian, explicit padding.
 * A frame on stdout is a u32 length and that many payload bytes; every payload begins with ev_header.
 * agent/decode/layout.ts mirrors this file; `probe --layout` prints it and a test compares both. */
#ifndef EYRIE_EVENT_H
#define EYRIE_EVENT_H

#define EV_MAGIC 0x31525945u /* "EYR1": lets the reader find the next frame after damage */
#define EV_FRAME_BYTES_MAX 20480
#define EV_ARGS_BYTES_MAX 4096 /* argv of one exec */
#define EV_ENV_BYTES_MAX 4096  /* environment of one exec */
#define EV_DATA_BYTES_MAX 320 /* of a message: holds a DNS query (header 12, name 255, type and class 4) */
#define EV_PATH_BYTES_MAX 4096 /* PATH_MAX */
#define EV_WALK_BYTES_MAX 2048 /* one directory chain */
#define EV_WALK_DEPTH_MAX 48   /* components of a directory chain */
#define EV_CGROUP_DEPTH_MAX 10

enum ev_kind {
	EV_HELLO = 1,  /* body: JSON text, made by the loader */
	EV_DROPS = 2,  /* body: JSON text, made by the loader */
	EV_CGROUP = 3, /* body: names of the cgroup and its ancestors, leaf first, each NUL-terminated */
	EV_EXEC = 4,
	EV_FORK = 5,
	EV_EXIT = 6, /* header only; res = wait status of the process */
	EV_SYSCALL = 7,
	EV_SOCKET = 8,
};

enum ev_flag {
	EV_TRUNCATED = 1, /* a string was cut at its limit */
	EV_FAULT = 2,     /* user memory could not be read; the string is empty */
	EV_SNAPSHOT = 4,  /* EV_EXEC of a process that ran before the probe: no argv, no filename */
	EV_NEW_PEER = 8, /* EV_SOCKET of a message to another peer than the one before */
};

enum ev_exe_flag { /* values are Falco's execve_flags */
	EV_EXE_WRITABLE = 1,
	EV_EXE_UPPER_LAYER = 2,
	EV_EXE_FROM_MEMFD = 4,
	EV_EXE_LOWER_LAYER = 8,
};

enum ev_open_flag { EV_OPEN_CREATED = 1, EV_OPEN_UPPER_LAYER = 2, EV_OPEN_LOWER_LAYER = 4 };

enum ev_drop_cause { EV_DROP_RING_FULL = 0, EV_DROP_FAULT = 1, EV_DROP_CAUSES = 2 };

struct ev_header {
	__u32 magic;
	__u16 kind;
	__u16 cpu;
	__u64 ktime_ns; /* CLOCK_MONOTONIC */
	__u64 cgroup_id;
	__s64 res;
	__u32 tgid;
	__u32 tid;
	__u32 uid;     /* effective */
	__u16 syscall; /* EV_SYSCALL_TABLE code; 0 for the others */
	__u16 flags;   /* ev_flag */
	char comm[16];
};

/* Followed by: argv (NUL-separated), filename as passed, exe chain, cwd chain, environment (NUL-separated).
 * A chain is a directory walk: names leaf first, each NUL-terminated; empty means "/". */
struct ev_exec {
	struct ev_header h;
	__u64 cap_permitted;
	__u64 cap_effective;
	__u64 cap_inheritable;
	__u64 exe_ino;
	__u64 start_ns; /* CLOCK_MONOTONIC of the process's clone */
	__u64 exe_ctime_ns;
	__u64 exe_mtime_ns;
	__u64 pidns_start_ns; /* CLOCK_MONOTONIC of its pid namespace's first process */
	__u32 ppid;
	__u32 sid;   /* in the pid namespace of the process, like vpid and vpgid */
	__u32 vpid;
	__u32 vpgid;
	__u32 gid;
	__u32 loginuid;
	__u32 tty; /* device number as in /proc/PID/stat */
	__u32 exe_flags;
	__u16 args_len;
	__u16 filename_len;
	__u16 exe_len;
	__u16 cwd_len;
	__u32 pgid; /* as the host sees it */
	__u16 env_len;
	__u16 pad;
};

enum ev_fork_call { EV_FORK_OTHER = 0, EV_FORK_FORK = 1, EV_FORK_VFORK = 2, EV_FORK_CLONE = 3, EV_FORK_CLONE3 = 4 };

/* header: the parent; res = pid of the child as the host sees it */
struct ev_fork {
	struct ev_header h;
	__u64 start_ns;
	__u64 clone_flags; /* of clone and clone3, the kernel's bits */
	__u32 child_tgid;
	__u32 child_vpid;
	__u32 child_ppid; /* differs from h.tgid under CLONE_PARENT */
	__u32 call; /* ev_fork_call */
};

/* arg: the raw syscall arguments, except of the open family, pipe, capset and io_uring_setup:
 * see their programs.
 * Followed by: string 0, its base chain, string 1, its base chain; a base is sent for a relative path only. */
struct ev_syscall {
	struct ev_header h;
	__u64 arg[6];
	__u16 len[4];
};

/* Addresses in network byte order, ports in host order, both read from the kernel's socket.
 * sockaddr: what the program passed to connect, bind or send, or received; of a unix peer or listener its bound
 * name. Of a message its first bytes follow. */
struct ev_socket {
	struct ev_header h;
	__s32 fd;
	__s32 fd2; /* listening descriptor of accept, old descriptor of dup */
	__u16 family;
	__u16 type;
	__u16 protocol;
	__u16 local_port;
	__u16 remote_port;
	__u16 sockaddr_len;
	__u32 arg; /* backlog of listen, flags of accept4, length of a message, command of fcntl */
	__u8 local_ip[16];
	__u8 remote_ip[16];
	__u8 sockaddr[112]; /* sockaddr_un is 110 */
};

/* code, name: programs are called sys_<name> and hook syscalls:sys_exit_<name>. Codes never change. */
#define EV_SYSCALL_TABLE(X)                                                                          \
	X(1, open) X(2, openat) X(3, openat2) X(4, creat) X(5, open_by_handle_at)                                            \
	X(10, unlink) X(11, unlinkat) X(12, rmdir) X(13, rename) X(14, renameat) X(15, renameat2)    \
	X(16, chmod) X(17, fchmod) X(18, fchmodat) X(19, fchmodat2)                                  \
	X(20, link) X(21, linkat) X(22, symlink) X(23, symlinkat) X(24, mkdir) X(25, mkdirat)        \
	X(26, chown) X(27, lchown) X(28, fchown) X(29, fchownat)                                     \
	X(40, connect) X(41, accept) X(42, accept4) X(43, bind) X(44, listen)                        \
	X(45, socket) X(46, sendto) X(47, sendmsg) X(48, sendmmsg) X(54, recvfrom) X(55, recvmsg)            \
	X(50, dup) X(51, dup2) X(52, dup3) X(53, fcntl) X(56, pipe) X(57, pipe2)                                                           \
	X(60, setuid) X(61, setgid) X(62, setreuid) X(63, setregid) X(64, setresuid)                 \
	X(65, setresgid) X(66, setns) X(67, unshare) X(68, ptrace) X(69, mount) X(70, umount)       \
	X(71, init_module) X(72, finit_module) X(73, memfd_create) X(74, bpf) X(75, userfaultfd)     \
	X(76, kill) X(77, chroot) X(78, tkill) X(79, tgkill) X(80, pivot_root) X(81, move_mount)     \
	X(82, process_vm_readv) X(83, process_vm_writev) X(84, capset) X(85, delete_module)          \
	X(86, prctl) X(87, io_uring_setup)

enum ev_syscall_code {
#define EV_CODE(code, name) EV_SC_##name = code,
	EV_SYSCALL_TABLE(EV_CODE)
#undef EV_CODE
};

#endif
