import { constants as C } from 'node:fs';

/** [name, Falco's bit] in the order in which Falco prints them. Source: libs driver/flags_table.c. */
export type FlagTable = readonly (readonly [name: string, bit: number])[];

export const FILE_FLAGS: FlagTable = [
  ['O_LARGEFILE', 2048],
  ['O_DIRECTORY', 1024],
  ['O_DIRECT', 512],
  ['O_TRUNC', 256],
  ['O_SYNC', 128],
  ['O_NONBLOCK', 64],
  ['O_EXCL', 32],
  ['O_DSYNC', 16],
  ['O_APPEND', 8],
  ['O_CREAT', 4],
  ['O_RDWR', 3],
  ['O_WRONLY', 2],
  ['O_RDONLY', 1],
  ['O_CLOEXEC', 4096],
  ['O_TMPFILE', 8192],
  ['O_F_CREATED', 16384],
  ['FD_UPPER_LAYER', 32768],
  ['FD_LOWER_LAYER', 65536],
];

export const EXE_FLAGS: FlagTable = [
  ['EXE_WRITABLE', 1],
  ['EXE_UPPER_LAYER', 2],
  ['EXE_FROM_MEMFD', 4],
  ['EXE_LOWER_LAYER', 8],
];

export const MODE_FLAGS: FlagTable = [
  ['S_IXOTH', 1],
  ['S_IWOTH', 2],
  ['S_IROTH', 4],
  ['S_IXGRP', 8],
  ['S_IWGRP', 16],
  ['S_IRGRP', 32],
  ['S_IXUSR', 64],
  ['S_IWUSR', 128],
  ['S_IRUSR', 256],
  ['S_ISVTX', 512],
  ['S_ISGID', 1024],
  ['S_ISUID', 2048],
];

/** Linux's own bits here: Falco keeps them for mount, umount, memfd_create, rename and *at flags. */
export const MOUNT_FLAGS: FlagTable = [
  ['RDONLY', 1],
  ['NOSUID', 2],
  ['NODEV', 4],
  ['NOEXEC', 8],
  ['SYNCHRONOUS', 16],
  ['REMOUNT', 32],
  ['MANDLOCK', 64],
  ['DIRSYNC', 128],
  ['NOATIME', 1024],
  ['NODIRATIME', 2048],
  ['BIND', 4096],
  ['MOVE', 8192],
  ['REC', 16384],
  ['SILENT', 32768],
  ['UNBINDABLE', 131072],
  ['PRIVATE', 262144],
  ['SLAVE', 524288],
  ['SHARED', 1048576],
  ['RELATIME', 2097152],
  ['STRICTATIME', 16777216],
];
export const UMOUNT_FLAGS: FlagTable = [
  ['FORCE', 1],
  ['DETACH', 2],
  ['EXPIRE', 4],
  ['NOFOLLOW', 8],
];
export const MEMFD_FLAGS: FlagTable = [
  ['MFD_CLOEXEC', 1],
  ['MFD_ALLOW_SEALING', 2],
  ['MFD_HUGETLB', 4],
];
export const RENAME_FLAGS: FlagTable = [
  ['RENAME_NOREPLACE', 1],
  ['RENAME_EXCHANGE', 2],
  ['RENAME_WHITEOUT', 4],
];
export const UNLINKAT_FLAGS: FlagTable = [['AT_REMOVEDIR', 512]];
export const LINKAT_FLAGS: FlagTable = [
  ['AT_SYMLINK_FOLLOW', 1024],
  ['AT_EMPTY_PATH', 4096],
];
export const MODULE_FLAGS: FlagTable = [
  ['MODULE_INIT_IGNORE_MODVERSIONS', 1],
  ['MODULE_INIT_IGNORE_VERMAGIC', 2],
  ['MODULE_INIT_COMPRESSED_FILE', 4],
];

/** Linux clone bit → Falco's bit and name, for unshare and setns. */
const CLONE: readonly (readonly [linux: number, name: string, bit: number])[] = [
  [0x400, 'CLONE_FILES', 1],
  [0x200, 'CLONE_FS', 2],
  [0x08000000, 'CLONE_NEWIPC', 8],
  [0x40000000, 'CLONE_NEWNET', 16],
  [0x00020000, 'CLONE_NEWNS', 32],
  [0x20000000, 'CLONE_NEWPID', 64],
  [0x04000000, 'CLONE_NEWUTS', 128],
  [0x800, 'CLONE_SIGHAND', 2048],
  [0x00040000, 'CLONE_SYSVSEM', 4096],
  [0x00010000, 'CLONE_THREAD', 8192],
  [0x100, 'CLONE_VM', 32768],
  [0x10000000, 'CLONE_NEWUSER', 1048576],
  [0x02000000, 'CLONE_NEWCGROUP', 268435456],
];
export const CLONE_FLAGS: FlagTable = CLONE.map(([, name, bit]) => [name, bit]);

const PTRACE: ReadonlyMap<number, string> = new Map([
  ...'TRACEME PEEKTEXT PEEKDATA PEEKUSR POKETEXT POKEDATA POKEUSR CONT KILL SINGLESTEP'
    .split(' ')
    .map((name, request): [number, string] => [request, name]),
  [12, 'GETREGS'],
  [13, 'SETREGS'],
  [14, 'GETFPREGS'],
  [15, 'SETFPREGS'],
  [16, 'ATTACH'],
  [17, 'DETACH'],
  [24, 'SYSCALL'],
  ...'SETOPTIONS GETEVENTMSG GETSIGINFO SETSIGINFO GETREGSET SETREGSET SEIZE INTERRUPT LISTEN'
    .split(' ')
    .map((name, index): [number, string] => [0x4200 + index, name]),
]);

/** `PTRACE_ATTACH` of a Linux request number. */
export function ptraceName(request: number): string {
  return `PTRACE_${PTRACE.get(request) ?? 'UNKNOWN'}`;
}

/** `A|B` in the table's order; bits already named are not named twice (O_RDWR hides O_RDONLY). */
export function flagText(table: FlagTable, value: number): string {
  const names: string[] = [];
  let rest = value;
  for (const [name, bit] of table) {
    if ((rest & bit) !== bit) continue;
    names.push(name);
    rest &= ~bit;
  }
  return names.join('|');
}

// The C library hides this one on 64-bit hosts (value 0), programs of others still set it.
const O_LARGEFILE = process.arch === 'arm64' ? 0o400000 : 0o100000;
const O_CLOEXEC = 0o2000000;
const O_TMPFILE = 0o20000000;
const OPEN: readonly (readonly [linux: number, bit: number])[] = [
  [C.O_CREAT, 4],
  [C.O_APPEND, 8],
  [C.O_DSYNC, 16],
  [C.O_EXCL, 32],
  [C.O_NONBLOCK, 64],
  [C.O_SYNC, 128],
  [C.O_TRUNC, 256],
  [C.O_DIRECT, 512],
  [C.O_DIRECTORY, 1024],
  [O_LARGEFILE, 2048],
  [O_CLOEXEC, 4096],
  [O_TMPFILE, 8192],
];

/** Linux open flags and what the probe saw of the file → Falco's file_flags. */
export function openFlags(linux: number, created: boolean, upper: boolean, lower: boolean): number {
  const access = linux & 3;
  let bits = access === 0 ? 1 : access === 1 ? 2 : access === 2 ? 3 : 0;
  for (const [flag, bit] of OPEN) if ((linux & flag) === flag) bits |= bit;
  return bits | (created ? 16384 : 0) | (upper ? 32768 : 0) | (lower ? 65536 : 0);
}

export function cloneFlags(linux: number): number {
  let bits = 0;
  for (const [flag, , bit] of CLONE) if ((linux & flag) !== 0) bits |= bit;
  return bits;
}
