import type { FdInfo } from '../../core/events/syscall.ts';
import { FILE_FLAGS, flagText, openFlags } from '../decode/flags.ts';
import type { RawSyscall } from '../decode/raw.ts';
import type { EventParts } from './build-event.ts';
import { resolvePath } from './path.ts';

const AT_FDCWD = -100;
const CREATED = 1;
const UPPER = 2;
const LOWER = 4;
const DIRECTORY_BIT = 1024;

/** Absolute path of string 0 or 1; the base of a relative one is empty when it is the root directory. */
export function pathOf(raw: RawSyscall, index: 0 | 1): string {
  const text = raw.text[index];
  return text === '' ? '' : resolvePath(text, raw.base[index] ?? '/');
}

/** `rel(abs)` for what was passed relative, as Falco prints it; nothing for an absolute path. */
export function pathText(raw: RawSyscall, index: 0 | 1): string | undefined {
  const text = raw.text[index];
  return text === '' || text.startsWith('/') ? undefined : `${text}(${pathOf(raw, index)})`;
}

/** A descriptor argument is an int: its register's upper half means nothing. */
export const signed = (value: number): number => (value % 2 ** 32) | 0;

export const dirfdText = (fd: number): string => (fd === AT_FDCWD ? '-100(AT_FDCWD)' : String(fd));

/** open, openat, openat2, creat, open_by_handle_at. arg: dirfd, flags, mode, resolve, device | facts << 32, inode. */
export function openParts(raw: RawSyscall): EventParts {
  const facts = Math.floor(raw.arg[4] / 2 ** 32);
  const flags = openFlags(raw.arg[1], (facts & CREATED) !== 0, (facts & UPPER) !== 0, (facts & LOWER) !== 0);
  const dirfd = signed(raw.arg[0]);
  const name = raw.text[0];
  const byHandle = raw.name === 'open_by_handle_at';
  const path = byHandle ? (raw.base[1] ?? '') : pathOf(raw, 0);
  const mode = raw.arg[2];
  const dev = raw.arg[4] % 2 ** 32;
  const ino = raw.arg[5];
  const fd: FdInfo = {
    typechar: (flags & DIRECTORY_BIT) !== 0 ? 'd' : 'f',
    name: path,
    nameRaw: name === path || byHandle ? undefined : name,
    tuple: undefined,
    openFlags: flags,
    ...realName(raw, path),
  };
  const argText: Record<string, string> = {
    fd: raw.res < 0 ? String(raw.res) : `${raw.res}(<${fd.typechar}>${path})`,
    mode: `0${mode.toString(8)}`,
  };
  const relative = pathText(raw, 0);
  if (relative !== undefined) argText.name = relative;
  if (raw.name === 'creat') {
    const layer = (flags >> 15) & 3;
    return part(raw, { fd: raw.res, name, mode, dev, ino, creat_flags: layer }, argText, fd);
  }
  argText.flags = flagText(FILE_FLAGS, flags);
  if (byHandle) {
    argText.mountfd = dirfdText(dirfd);
    return part(raw, { fd: raw.res, mountfd: dirfd, flags, path, dev, ino }, argText, fd);
  }
  if (raw.name === 'open') return part(raw, { fd: raw.res, name, flags, mode, dev, ino }, argText, fd);
  argText.dirfd = dirfdText(dirfd);
  if (raw.name === 'openat')
    return part(raw, { fd: raw.res, dirfd, name, flags, mode, dev, ino }, argText, fd);
  return part(raw, { fd: raw.res, dirfd, name, flags, mode, resolve: raw.arg[3], dev, ino }, argText, fd);
}

/** The probe sends the file's own path where it may differ: of a relative or crooked path always. */
function realName(raw: RawSyscall, path: string): { realName: string } | undefined {
  const real = raw.base[1];
  return real === undefined || real === path ? undefined : { realName: real };
}

function part(
  raw: RawSyscall,
  args: EventParts['args'],
  argText: Record<string, string>,
  fd: FdInfo,
): EventParts {
  // A failed open keeps the name and says -1, so that rules can see what was tried.
  return { type: raw.name, res: raw.res, args, argText, fdNum: raw.res < 0 ? -1 : raw.res, fd };
}
