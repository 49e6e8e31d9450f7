import type { ArgValue, FdInfo } from '../../core/events/syscall.ts';
import {
  CLONE_FLAGS,
  cloneFlags,
  FILE_FLAGS,
  flagText,
  MODE_FLAGS,
  openFlags,
  ptraceName,
} from '../decode/flags.ts';
import type { RawSyscall } from '../decode/raw.ts';
import type { EventParts } from './build-event.ts';
import { type Param, SHAPES } from './call-shapes.ts';
import { dirfdText, openParts, pathText, signed } from './file-parts.ts';

/** Falco's letters of address families: unix, inet, inet6, netlink. */
const FAMILY: Readonly<Record<number, string>> = { 1: 'u', 2: '4', 10: '6', 16: 'n' };

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
      case 'flags': {
        const value = raw.arg[param[2]] ?? 0;
        args[name] = param[4]?.(value) ?? value;
        argText[name] = flagText(param[3], param[4]?.(value) ?? value);
        break;
      }
      case 'enum': {
        const value = signed(raw.arg[param[2]] ?? 0);
        args[name] = value;
        const found = param[3].find(([, known]) => known === value);
        if (found !== undefined) argText[name] = found[0];
        break;
      }
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
  if (raw.name === 'socket' && raw.res >= 0) {
    fdNum = raw.res;
    fd = {
      typechar: FAMILY[raw.arg[0]] ?? 'X',
      name: '',
      nameRaw: undefined,
      tuple: undefined,
      openFlags: 0,
    };
  }
  if (raw.name === 'memfd_create' && raw.res >= 0) {
    fdNum = raw.res;
    fd = { typechar: 'm', name: raw.text[0], nameRaw: undefined, tuple: undefined, openFlags: 0 };
  }
  if (raw.name === 'mount') args.type = raw.base[1]?.slice(1) ?? '';
  return { type: shape.type ?? raw.name, res: raw.res, args, argText, fdNum, fd };
}

function numberOf(kind: Param[1], value: number): number {
  if (kind === 'clone') return cloneFlags(value);
  if (kind === 'mask') return value;
  if (kind === 'open') return openFlags(value, false, false, false) & ~1; // no access mode: a pipe has both
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
    case 'open':
      return flagText(FILE_FLAGS, openFlags(value, false, false, false) & ~1);
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
