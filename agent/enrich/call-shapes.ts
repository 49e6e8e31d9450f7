import { flagTable } from '../../core/scap/flag-table.ts';
import {
  type FlagTable,
  LINKAT_FLAGS,
  MEMFD_FLAGS,
  MODULE_FLAGS,
  MOUNT_FLAGS,
  RENAME_FLAGS,
  UMOUNT_FLAGS,
  UNLINKAT_FLAGS,
} from '../decode/flags.ts';
import type { ProbeSyscall } from '../decode/layout.ts';

/** Where one parameter comes from; the numbers are argument positions, text 0 or 1 the record's strings. */
export type Param =
  | readonly [name: string, kind: 'path' | 'text', text: 0 | 1]
  | readonly [
      name: string,
      kind: 'fd' | 'dirfd' | 'int' | 'uid' | 'mode' | 'clone' | 'ptrace' | 'open' | 'mask',
      arg: number,
    ]
  | readonly [name: string, kind: 'flags', arg: number, table: FlagTable, falco?: (linux: number) => number]
  | readonly [name: string, kind: 'enum', arg: number, table: FlagTable];

export type Shape = {
  readonly type?: string;
  readonly result?: 'fd' | 'res';
  readonly params: readonly Param[];
};

/** The table of Falco's event definitions, in the form of this agent's tables. */
const table = (name: string): FlagTable => (flagTable(name) ?? []).map(({ name, value }) => [name, value]);

/** Falco's bit 2 is the ring's state, so that all from the kernel's bit 2 on lie one higher. */
const ringFlags = (linux: number): number => (linux & 3) | ((linux & 0x7c) << 1);
const unloadFlags = (linux: number): number => (linux & 0o4000 ? 2 : 0) | (linux & 0o1000 ? 1 : 0);

const ids = (...names: readonly string[]): Shape => ({
  params: names.map((name, index): Param => [name, 'uid', index]),
});

/** Names and order are those of Falco's event table. Source: libs driver/event_table.c. */
export const SHAPES: { readonly [name in ProbeSyscall]?: Shape } = {
  unlink: { params: [['path', 'path', 0]] },
  unlinkat: {
    params: [
      ['dirfd', 'dirfd', 0],
      ['name', 'path', 0],
      ['flags', 'flags', 2, UNLINKAT_FLAGS],
    ],
  },
  rmdir: { params: [['path', 'path', 0]] },
  chroot: { params: [['path', 'path', 0]] },
  mkdir: {
    params: [
      ['path', 'path', 0],
      ['mode', 'int', 1],
    ],
  },
  mkdirat: {
    params: [
      ['dirfd', 'dirfd', 0],
      ['path', 'path', 0],
      ['mode', 'int', 2],
    ],
  },
  rename: {
    params: [
      ['oldpath', 'path', 0],
      ['newpath', 'path', 1],
    ],
  },
  renameat: {
    params: [
      ['olddirfd', 'dirfd', 0],
      ['oldpath', 'path', 0],
      ['newdirfd', 'dirfd', 2],
      ['newpath', 'path', 1],
    ],
  },
  renameat2: {
    params: [
      ['olddirfd', 'dirfd', 0],
      ['oldpath', 'path', 0],
      ['newdirfd', 'dirfd', 2],
      ['newpath', 'path', 1],
      ['flags', 'flags', 4, RENAME_FLAGS],
    ],
  },
  link: {
    params: [
      ['oldpath', 'path', 0],
      ['newpath', 'path', 1],
    ],
  },
  linkat: {
    params: [
      ['olddir', 'dirfd', 0],
      ['oldpath', 'path', 0],
      ['newdir', 'dirfd', 2],
      ['newpath', 'path', 1],
      ['flags', 'flags', 4, LINKAT_FLAGS],
    ],
  },
  symlink: {
    params: [
      ['target', 'text', 0],
      ['linkpath', 'path', 1],
    ],
  },
  symlinkat: {
    params: [
      ['target', 'text', 0],
      ['linkdirfd', 'dirfd', 1],
      ['linkpath', 'path', 1],
    ],
  },
  chmod: {
    params: [
      ['filename', 'path', 0],
      ['mode', 'mode', 1],
    ],
  },
  fchmod: {
    params: [
      ['fd', 'fd', 0],
      ['mode', 'mode', 1],
    ],
  },
  fchmodat: {
    params: [
      ['dirfd', 'dirfd', 0],
      ['filename', 'path', 0],
      ['mode', 'mode', 2],
    ],
  },
  // Falco has no event of its own for it; the arguments are those of fchmodat.
  fchmodat2: {
    type: 'fchmodat',
    params: [
      ['dirfd', 'dirfd', 0],
      ['filename', 'path', 0],
      ['mode', 'mode', 2],
    ],
  },
  chown: {
    params: [
      ['path', 'path', 0],
      ['uid', 'int', 1],
      ['gid', 'int', 2],
    ],
  },
  lchown: {
    params: [
      ['path', 'path', 0],
      ['uid', 'int', 1],
      ['gid', 'int', 2],
    ],
  },
  fchown: {
    params: [
      ['fd', 'fd', 0],
      ['uid', 'int', 1],
      ['gid', 'int', 2],
    ],
  },
  fchownat: {
    params: [
      ['dirfd', 'dirfd', 0],
      ['pathname', 'path', 0],
      ['uid', 'int', 2],
      ['gid', 'int', 3],
      ['flags', 'int', 4],
    ],
  },
  setuid: ids('uid'),
  setgid: ids('gid'),
  setreuid: ids('ruid', 'euid'),
  setregid: ids('rgid', 'egid'),
  setresuid: ids('ruid', 'euid', 'suid'),
  setresgid: ids('rgid', 'egid', 'sgid'),
  setns: {
    params: [
      ['fd', 'fd', 0],
      ['nstype', 'clone', 1],
    ],
  },
  unshare: { params: [['flags', 'clone', 0]] },
  ptrace: {
    params: [
      ['request', 'ptrace', 0],
      ['pid', 'int', 1],
    ],
  },
  umount: {
    type: 'umount2',
    params: [
      ['name', 'path', 0],
      ['flags', 'flags', 1, UMOUNT_FLAGS],
    ],
  },
  init_module: {
    params: [
      ['length', 'int', 1],
      ['uargs', 'text', 0],
    ],
  },
  finit_module: {
    params: [
      ['fd', 'fd', 0],
      ['uargs', 'text', 0],
      ['flags', 'flags', 2, MODULE_FLAGS],
    ],
  },
  memfd_create: {
    result: 'fd',
    params: [
      ['name', 'text', 0],
      ['flags', 'flags', 1, MEMFD_FLAGS],
    ],
  },
  bpf: { result: 'fd', params: [['cmd', 'enum', 0, table('bpf_commands')]] },
  userfaultfd: { params: [['flags', 'int', 0]] },
  kill: {
    params: [
      ['pid', 'int', 0],
      ['sig', 'int', 1],
    ],
  },
  tkill: {
    params: [
      ['tid', 'int', 0],
      ['sig', 'int', 1],
    ],
  },
  tgkill: {
    params: [
      ['pid', 'int', 0],
      ['tid', 'int', 1],
      ['sig', 'int', 2],
    ],
  },
  socket: {
    result: 'fd',
    params: [
      ['domain', 'enum', 0, table('socket_families')],
      ['type', 'int', 1],
      ['proto', 'int', 2],
    ],
  },
  pipe: {
    params: [
      ['fd1', 'int', 0],
      ['fd2', 'int', 1],
    ],
  },
  pipe2: {
    params: [
      ['fd1', 'int', 0],
      ['fd2', 'int', 1],
      ['flags', 'open', 2],
    ],
  },
  // Falco knows these two as names only; the parameters are those of the manual page.
  pivot_root: {
    params: [
      ['new_root', 'path', 0],
      ['put_old', 'path', 1],
    ],
  },
  move_mount: {
    params: [
      ['from_dirfd', 'dirfd', 0],
      ['from_pathname', 'path', 0],
      ['to_dirfd', 'dirfd', 2],
      ['to_pathname', 'path', 1],
      ['flags', 'int', 4],
    ],
  },
  process_vm_readv: { params: [['pid', 'int', 0]] },
  process_vm_writev: { params: [['pid', 'int', 0]] },
  capset: {
    params: [
      ['cap_inheritable', 'mask', 0],
      ['cap_permitted', 'mask', 1],
      ['cap_effective', 'mask', 2],
    ],
  },
  delete_module: {
    params: [
      ['name', 'text', 0],
      ['flags', 'flags', 1, table('delete_module_flags'), unloadFlags],
    ],
  },
  prctl: {
    params: [
      ['option', 'enum', 0, table('prctl_options')],
      ['arg2_str', 'text', 0],
      ['arg2_int', 'mask', 1],
    ],
  },
  io_uring_setup: {
    params: [
      ['entries', 'int', 0],
      ['sq_entries', 'int', 1],
      ['cq_entries', 'int', 2],
      ['flags', 'flags', 3, table('io_uring_setup_flags'), ringFlags],
      ['sq_thread_cpu', 'int', 4],
      ['sq_thread_idle', 'int', 5],
    ],
  },
  mount: {
    params: [
      ['dev', 'text', 1],
      ['dir', 'path', 0],
      ['flags', 'flags', 3, MOUNT_FLAGS],
    ],
  },
};
