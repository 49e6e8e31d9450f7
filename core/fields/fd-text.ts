import type { FdInfo } from '../events/syscall.ts';

const TYPE_NAMES: Readonly<Record<string, string>> = {
  f: 'file',
  d: 'directory',
  '4': 'ipv4',
  '6': 'ipv6',
  u: 'unix',
  p: 'pipe',
  e: 'event',
  s: 'signalfd',
  l: 'eventpoll',
  i: 'inotify',
  t: 'timerfd',
  n: 'netlink',
  b: 'bpf',
  c: 'userfaultfd',
  r: 'io_uring',
  m: 'memfd',
  P: 'pidfd',
  X: 'unsupported',
};

/** fd.type of a descriptor. */
export function fdType(fd: FdInfo): string {
  return fd.typeName ?? fdTypeName(fd.typechar);
}

/** fd.type of a typechar. */
export function fdTypeName(typechar: string): string {
  return TYPE_NAMES[typechar] ?? 'unknown';
}

export function isSocket(fd: FdInfo): boolean {
  return fd.typechar === '4' || fd.typechar === '6';
}

const tuples = new WeakMap<NonNullable<FdInfo['tuple']>, string>();

/** `sip:sport->dip:dport`, `ip:port` of a listening socket, or the path. */
export function fdName(fd: FdInfo): string {
  // A captured socket has a name of its own: none before it is connected.
  if (fd.typeName !== undefined) return fd.name;
  const tuple = fd.tuple;
  if (!tuple) return fd.name;
  const known = tuples.get(tuple);
  if (known !== undefined) return known;
  const server = `${tuple.serverIp}:${tuple.serverPort}`;
  const text = tuple.clientIp === '' ? server : `${tuple.clientIp}:${tuple.clientPort}->${server}`;
  tuples.set(tuple, text);
  return text;
}

/** Path up to the last slash; the root stays `/`. */
export function directoryOf(path: string): string | undefined {
  const slash = path.lastIndexOf('/');
  if (slash < 0) return undefined;
  return slash === 0 ? '/' : path.slice(0, slash);
}

/** Path after the last slash. */
export function filenameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
