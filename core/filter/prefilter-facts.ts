import type { FdInfo, SyscallEvent } from '../events/syscall.ts';
import { utf8Length } from './text.ts';

/**
 * What the kernel can tell of an event before anything is copied. An absent fact is one that the kernel
 * does not know of this event; every condition on it passes. Each fact that is present is what the
 * event's fields are made of, so a fact is present only while the fields that it stands for are.
 */
export type KernelFacts = {
  /** Lies in a cgroup that may be a container's. False is certain, true is not: it may be the host's. */
  readonly container?: boolean;
  /** Path of an open as the program spelled it, when that is a plain path; see isPlainPath. */
  readonly path?: string;
  /** Open flags in Falco's encoding, created and layer bits included. */
  readonly flags?: number;
  /** Return value; absent for events that have none. */
  readonly res?: number;
  /** Effective user id. */
  readonly uid?: number;
  /** Name of the thread, at most 15 bytes. */
  readonly comm?: string;
  /** Port of the serving end: of connect the peer's, of accept, bind and listen the own. */
  readonly serverPort?: number;
  /** Port of the other end: of connect the own, of accept the peer's. */
  readonly clientPort?: number;
  /** Typechar of the event's descriptor where the call itself tells it: f d 4 6 u. */
  readonly fdType?: string;
};

/** System calls that open a path. */
export const PATH_OPENS: ReadonlySet<string> = new Set(['open', 'openat', 'openat2', 'creat']);
/** Opens that take flags. */
export const FLAG_OPENS: ReadonlySet<string> = new Set(['open', 'openat', 'openat2', 'open_by_handle_at']);
/** Calls whose two ends the socket tells; of a duplicated socket only its history does. */
export const SOCKET_CALLS: ReadonlySet<string> = new Set(['connect', 'accept', 'accept4', 'bind', 'listen']);
export const FD_TYPES = ['f', 'd', '4', '6', 'u'] as const;
/** Source: linux/sched.h TASK_COMM_LEN, less the NUL. */
export const COMM_BYTES_MAX = 15;

/**
 * Whether a path names what it spells: absolute, and without `//`, `../`, a component that begins with a
 * dot, or a slash at its end. Any other path may resolve to something else (relative, `..`), so the kernel
 * lets it pass. Symbolic links are followed by neither side: rules see the path as spelled, too.
 */
export function isPlainPath(path: string): boolean {
  return path.startsWith('/') && !NOT_PLAIN.test(path) && !(path.length > 1 && path.endsWith('/'));
}

/** What no plain path has in it. */
export const NOT_PLAIN = /\/\/|\/\.|\.\.\//;

/** The facts behind an event, as far as the event shows them. */
export function factsOf(event: SyscallEvent): KernelFacts {
  const { thread, fd, type, res } = event;
  const exit = event.dir === '<';
  const { flags } = event.args;
  const isOpen = PATH_OPENS.has(type);
  return {
    ...(thread && { container: thread.container !== undefined, uid: thread.uid }),
    ...(thread && thread.comm !== '' && utf8Length(thread.comm) <= COMM_BYTES_MAX && { comm: thread.comm }),
    ...(res !== undefined && type !== 'procexit' && { res }),
    ...(exit && FLAG_OPENS.has(type) && typeof flags === 'number' && { flags }),
    ...(fd && isOpen && isAsSpelled(event, fd) && isPlainPath(fd.name) && { path: fd.name }),
    ...(fd && (isOpen || SOCKET_CALLS.has(type)) && isKnownType(fd.typechar) && { fdType: fd.typechar }),
    ...(fd?.tuple && SOCKET_CALLS.has(type) && portsOf(fd.tuple)),
  };
}

function isAsSpelled({ args, argText }: SyscallEvent, fd: FdInfo): boolean {
  const passed = argText.name ?? args.name;
  return fd.nameRaw === undefined && (passed === undefined || passed === fd.name);
}

function isKnownType(typechar: string): boolean {
  return (FD_TYPES as readonly string[]).includes(typechar);
}

type Tuple = NonNullable<FdInfo['tuple']>;

function portsOf({ clientIp, clientPort, serverPort }: Tuple): KernelFacts {
  return clientIp === '' ? { serverPort } : { serverPort, clientPort };
}
