import type { ArgValue, FdInfo } from '../../core/events/syscall.ts';
import {
  CLONE_FLAGS,
  cloneFlags,
  type FlagTable,
  flagText,
  LINKAT_FLAGS,
  MEMFD_FLAGS,
  MODE_FLAGS,
  MODULE_FLAGS,
  MOUNT_FLAGS,
  ptraceName,
  RENAME_FLAGS,
  UMOUNT_FLAGS,
  UNLINKAT_FLAGS,
} from '../decode/flags.ts';
import type { ProbeSyscall } from '../decode/layout.ts';
import type { RawSyscall } from '../decode/raw.ts';
import type { EventParts } from './build-event.ts';
import { dirfdText, openParts, pathText, signed } from './file-parts.ts';

/** Where one parameter comes from; the numbers are argument positions, text 0 or 1 the record's strings. */
type Param =
  | readonly [name: string, kind: 'path' | 'text', text: 0 | 1]
  | readonly [name: string, kind: 'fd' | 'dirfd' | 'int' | 'uid' | 'mode' | 'clone' | 'ptrace', arg: number]
  | readonly [name: string, kind: 'flags', arg: number, table: FlagTable];

type Shape = { readonly type?: string; readonly result?: 'fd' | 'res'; readonly params: readonly Param[] };

const ids = (...names: readonly string[]): Shape => ({
  params: names.map((name, index): Param => [name, 'uid', index]),
});

/** Names and order are those of Falco's event table. Source: libs driver/event_table.c. */
const SHAPES: { readonly [name in ProbeSyscall]?: Shape } = {
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
  bpf: { result: 'fd', params: [['cmd', 'int', 0]] },
  userfaultfd: { params: [['flags', 'int', 0]] },
  kill: {
    params: [
      ['pid', 'int', 0],
      ['sig', 'int', 1],
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

/** Names and values of one system call, in Falco's words. `fdOf` finds a descriptor that is known. */
export function callParts(raw: RawSyscall, fdOf: (fd: number) => FdInfo | undefined): EventParts {
  const shape = SHAPES[raw.name];
  if (shape === undefined) return openParts(raw);
  const args: Record<string, ArgValue> = { [shape.result ?? 'res']: raw.res };
  const argText: Record<string, string> = {};
  let fdNum: number | undefined;
  let fd: FdInfo | undefined;
  for (const param of shape.params) {
    const [name, kind] = param;
    switch (param[1]) {
      case 'path':
      case 'text': {
        args[name] = raw.text[param[2]];
        const relative = kind === 'path' ? pathText(raw, param[2]) : undefined;
        if (relative !== undefined) argText[name] = relative;
        break;
      }
      case 'flags':
        args[name] = raw.arg[param[2]] ?? 0;
        argText[name] = flagText(param[3], raw.arg[param[2]] ?? 0);
        break;
      default: {
        const value = raw.arg[param[2]] ?? 0;
        args[name] = numberOf(kind, value);
        const text = numberText(kind, value);
        if (text !== undefined) argText[name] = text;
        if (kind === 'fd') fdNum = signed(value);
      }
    }
  }
  if (fdNum !== undefined) fd = fdOf(fdNum) ?? fileAt(raw.base[0]);
  if (raw.name === 'memfd_create' && raw.res >= 0) {
    fdNum = raw.res;
    fd = { typechar: 'm', name: raw.text[0], nameRaw: undefined, tuple: undefined, openFlags: 0 };
  }
  if (raw.name === 'mount') args.type = raw.base[1]?.slice(1) ?? '';
  return { type: shape.type ?? raw.name, res: raw.res, args, argText, fdNum, fd };
}

function numberOf(kind: Param[1], value: number): number {
  if (kind === 'clone') return cloneFlags(value);
  return kind === 'mode' ? value & 0o7777 : signed(value);
}

function numberText(kind: Param[1], value: number): string | undefined {
  switch (kind) {
    case 'dirfd':
      return dirfdText(signed(value));
    case 'clone':
      return flagText(CLONE_FLAGS, cloneFlags(value));
    case 'mode':
      return flagText(MODE_FLAGS, value & 0o7777);
    case 'ptrace':
      return ptraceName(value);
    default:
      return undefined;
  }
}

/** fchmod and fchown carry the file's path themselves. */
function fileAt(path: string | undefined): FdInfo | undefined {
  return path === undefined
    ? undefined
    : { typechar: 'f', name: path, nameRaw: undefined, tuple: undefined, openFlags: 0 };
}
