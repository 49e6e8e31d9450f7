/** Mirror of agent/probe/event.h; layout.sensor.test.ts compares it with `probe --layout`. */
export const MAGIC = 0x31525945;
export const FRAME_BYTES_MAX = 16_384;

export const KIND = {
  hello: 1,
  drops: 2,
  cgroup: 3,
  exec: 4,
  fork: 5,
  exit: 6,
  syscall: 7,
  socket: 8,
} as const;

export const HEADER = {
  size: 64,
  magic: 0,
  kind: 4,
  cpu: 6,
  ktime_ns: 8,
  cgroup_id: 16,
  res: 24,
  tgid: 32,
  tid: 36,
  uid: 40,
  syscall: 44,
  flags: 46,
  comm: 48,
} as const;

export const EXEC = {
  size: 144,
  cap_permitted: 64,
  cap_effective: 72,
  cap_inheritable: 80,
  exe_ino: 88,
  start_ns: 96,
  ppid: 104,
  sid: 108,
  vpid: 112,
  vpgid: 116,
  gid: 120,
  loginuid: 124,
  tty: 128,
  exe_flags: 132,
  args_len: 136,
  filename_len: 138,
  exe_len: 140,
  cwd_len: 142,
} as const;

export const FORK = { size: 88, start_ns: 64, child_tgid: 72, child_vpid: 76, child_ppid: 80 } as const;

export const SYSCALL = { size: 120, arg: 64, len: 112 } as const;

export const SOCKET = {
  size: 232,
  fd: 64,
  fd2: 68,
  family: 72,
  type: 74,
  protocol: 76,
  local_port: 78,
  remote_port: 80,
  sockaddr_len: 82,
  arg: 84,
  local_ip: 88,
  remote_ip: 104,
  sockaddr: 120,
} as const;

export const FLAG = { truncated: 1, fault: 2, snapshot: 4 } as const;

/** Codes of EV_SYSCALL_TABLE under the kernel's names of the tracepoints. */
export const SYSCALL_CODES = {
  open: 1,
  openat: 2,
  openat2: 3,
  creat: 4,
  unlink: 10,
  unlinkat: 11,
  rmdir: 12,
  rename: 13,
  renameat: 14,
  renameat2: 15,
  chmod: 16,
  fchmod: 17,
  fchmodat: 18,
  fchmodat2: 19,
  link: 20,
  linkat: 21,
  symlink: 22,
  symlinkat: 23,
  mkdir: 24,
  mkdirat: 25,
  chown: 26,
  lchown: 27,
  fchown: 28,
  fchownat: 29,
  connect: 40,
  accept: 41,
  accept4: 42,
  bind: 43,
  listen: 44,
  dup: 50,
  dup2: 51,
  dup3: 52,
  setuid: 60,
  setgid: 61,
  setreuid: 62,
  setregid: 63,
  setresuid: 64,
  setresgid: 65,
  setns: 66,
  unshare: 67,
  ptrace: 68,
  mount: 69,
  umount: 70,
  init_module: 71,
  finit_module: 72,
  memfd_create: 73,
  bpf: 74,
  userfaultfd: 75,
  kill: 76,
  chroot: 77,
} as const;

export type ProbeSyscall = keyof typeof SYSCALL_CODES;
