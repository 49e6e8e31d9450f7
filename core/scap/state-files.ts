import type { CaptureEvent } from './capture-event.ts';
import type { EventParams } from './event-params.ts';
import { FD, FdState } from './fd-state.ts';
import { resolvePath } from './path.ts';
import { CANCELED_FD, type ThreadState } from './thread-state.ts';
import type { ThreadTable } from './thread-table.ts';

// Flags of the capture format, not the kernel's.
const O_DIRECTORY = 1 << 10;
const O_CLOEXEC = 1 << 12;
const F_CREATED = 1 << 14;
/** Flags that only the exit event knows. */
const ADDED_FLAGS = ~(F_CREATED - 1);
export const AT_FDCWD = -100;
/** The event does not tell where a path starts: it is taken as it is. */
const NO_DIRECTORY = -1_000_000;

export const OPEN_X = 3;
export const CREAT_X = 59;
export const OPENAT_OLD_X = 103;
export const OPENAT_X = 307;
export const OPEN_BY_HANDLE_X = 337;

/** Directory that a path of an *at call starts from; undefined when its descriptor is unknown. */
export function directoryOf(thread: ThreadState, path: string, dirfd: number): string | undefined {
  if (path.startsWith('/')) return '';
  if (dirfd === AT_FDCWD) return thread.cwd;
  if (dirfd === NO_DIRECTORY) return '';
  const fd = thread.fd(dirfd);
  return fd === undefined ? undefined : `${fd.name}/`;
}

/** Full path of an *at call. */
export function resolveAt(thread: ThreadState, path: string, dirfd: number): string {
  return resolvePath(directoryOf(thread, path, dirfd) ?? '<UNKNOWN>', path);
}

type Opened = { name: string; flags: number; dirfd: number; dev: number; ino: bigint };

/** A path of the event; the driver writes nothing for one that it could not read. */
function nameAt(params: EventParams, at: number): string {
  return params.length(at) === 0 ? '<NA>' : params.text(at);
}

/** What an open's exit and enter events tell together; undefined when neither tells the name. */
function openedOf(event: CaptureEvent, enter: EventParams | undefined): Opened | undefined {
  const p = event.params;
  switch (event.def.id) {
    case OPEN_X:
      return withEnter(
        { name: nameAt(p, 1), flags: p.u32(2), dirfd: AT_FDCWD, dev: p.u32(4), ino: p.u64(5) },
        enter,
        0,
        1,
        -1,
      );
    case CREAT_X:
      return withEnter(
        { name: nameAt(p, 1), flags: 0, dirfd: AT_FDCWD, dev: p.u32(3), ino: p.u64(4) },
        enter,
        0,
        -1,
        -1,
      );
    case OPENAT_OLD_X:
      if (enter === undefined) return undefined;
      return { name: enter.text(1), flags: enter.u32(2), dirfd: enter.i64(0, AT_FDCWD), dev: 0, ino: 0n };
    case OPEN_BY_HANDLE_X:
      return { name: nameAt(p, 3), flags: p.u32(2), dirfd: AT_FDCWD, dev: p.u32(4), ino: p.u64(5) };
    default: {
      const at = event.def.id === OPENAT_X ? 5 : 6;
      const dirfd = p.i64(1, NO_DIRECTORY);
      const opened = { name: nameAt(p, 2), flags: p.u32(3), dirfd, dev: p.u32(at), ino: p.u64(at + 1) };
      return withEnter(opened, enter, 1, 2, 0);
    }
  }
}

/** The enter event knows the arguments better: the exit may find the memory changed. */
function withEnter(
  opened: Opened,
  enter: EventParams | undefined,
  pathAt: number,
  flagsAt: number,
  dirfdAt: number,
): Opened {
  if (enter === undefined || enter.length(pathAt) <= 0) return opened;
  const name = enter.text(pathAt);
  if (name === '<NA>') return opened;
  opened.name = name;
  opened.flags = ((flagsAt < 0 ? 0 : enter.u32(flagsAt)) | (opened.flags & ADDED_FLAGS)) >>> 0;
  if (dirfdAt >= 0) opened.dirfd = enter.i64(dirfdAt, opened.dirfd);
  return opened;
}

export function openExit(event: CaptureEvent, thread: ThreadState): void {
  const number = event.params.i64(0, -1);
  if (number < 0) return;
  const opened = openedOf(event, thread.enterOf(event.def.id));
  if (opened === undefined) return;
  const fd = new FdState(
    (opened.flags & O_DIRECTORY) !== 0 ? FD.directory : FD.fileV2,
    resolveAt(thread, opened.name, opened.dirfd),
  );
  fd.nameRaw = opened.name;
  fd.openFlags = opened.flags;
  fd.dev = opened.dev;
  fd.ino = opened.ino;
  event.attach(thread.addFd(number, fd));
}

export function closeEnter(_event: CaptureEvent, thread: ThreadState): void {
  const fd = thread.writableFd(thread.lastFd);
  if (fd !== undefined) fd.closing = true;
}

export function closeExit(event: CaptureEvent, thread: ThreadState): void {
  const fd = event.usedFd;
  if (fd === undefined) return;
  if (event.params.i64(0, -1) < 0) {
    fd.closing = false;
    return;
  }
  if (fd.closeCanceled) {
    fd.closeCanceled = false;
    event.removeFdLater(CANCELED_FD);
  } else event.removeFdLater(thread.lastFd);
}

export function dupExit(event: CaptureEvent, thread: ThreadState): void {
  const number = event.params.i64(0, -1);
  const fd = event.usedFd;
  if (number < 0 || fd === undefined) return;
  const copy = fd.clone();
  copy.closing = false;
  copy.closeCanceled = false;
  const DUP3_X = 365;
  if (event.def.id === DUP3_X) {
    const flags = event.params.u32(3);
    copy.openFlags = flags === 0 ? copy.openFlags & ~O_CLOEXEC : copy.openFlags | flags;
  }
  event.attach(thread.addFd(number, copy));
}

const FCNTL_DUPFD = 1;
const FCNTL_DUPFD_CLOEXEC = 26;

export function fcntlEnter(event: CaptureEvent, thread: ThreadState): void {
  const command = event.params.u8(1);
  if (command === FCNTL_DUPFD || command === FCNTL_DUPFD_CLOEXEC)
    thread.keepEnter(event.def.id, event.params);
}

export function fcntlExit(event: CaptureEvent, thread: ThreadState): void {
  if (thread.enterOf(event.def.id) !== undefined) dupExit(event, thread);
}

/** The same where the exit event names the command. */
export function fcntlNamedExit(event: CaptureEvent, thread: ThreadState): void {
  const command = event.params.u8(2);
  if (command === FCNTL_DUPFD || command === FCNTL_DUPFD_CLOEXEC) dupExit(event, thread);
}

/** The descriptor goes once everybody has seen its close. */
export function closedExit(event: CaptureEvent, thread: ThreadState): void {
  if (event.params.i64(0, -1) >= 0 && event.usedFd !== undefined) event.removeFdLater(thread.lastFd);
}

export function pipeExit(event: CaptureEvent, thread: ThreadState): void {
  const PIPE2_X = 393;
  if (event.params.i64(0, -1) < 0) return;
  for (const at of [1, 2]) {
    const fd = new FdState(FD.fifo, '');
    fd.ino = event.params.u64(3);
    fd.openFlags = event.def.id === PIPE2_X ? event.params.u32(4) : 0;
    const number = event.params.i64(at, -1);
    event.attach(thread.addFd(number, fd));
  }
}

/** Calls whose only news is a descriptor of one kind, perhaps with flags at position 1. */
export function creates(type: number, flagged = false): (event: CaptureEvent, thread: ThreadState) => void {
  return (event, thread) => {
    const number = event.params.i64(0, -1);
    if (number < 0) return;
    const fd = new FdState(type, '');
    if (flagged) fd.openFlags = event.params.u16(1);
    event.attach(thread.addFd(number, fd));
  };
}

/** A descriptor of a process. */
export function pidfdOpenExit(event: CaptureEvent, thread: ThreadState): void {
  const number = event.params.i64(0, -1);
  if (number < 0) return;
  const fd = new FdState(FD.pidfd, `/proc/${event.params.i64(1, 0)}`);
  fd.openFlags = event.params.u32(2);
  event.attach(thread.addFd(number, fd));
}

const PROC = /^\/proc\/(\d+)$/;

/** A copy of another process's descriptor. */
export function pidfdGetfdExit(event: CaptureEvent, thread: ThreadState, table: ThreadTable): void {
  const number = event.params.i64(0, -1);
  const pidfd = thread.fd(event.params.i64(1, -1));
  const pid = pidfd?.type === FD.pidfd ? PROC.exec(pidfd.name)?.[1] : undefined;
  if (number < 0 || pid === undefined) return;
  const copy = table.get(Number(pid))?.fd(event.params.i64(2, -1))?.clone();
  if (copy !== undefined) event.attach(thread.addFd(number, copy));
}

/** memfd_create names its file. */
export function memfdExit(event: CaptureEvent, thread: ThreadState): void {
  const number = event.params.i64(0, -1);
  if (number < 0) return;
  const fd = new FdState(FD.memfd, nameAt(event.params, 1));
  fd.openFlags = event.params.u32(2);
  event.attach(thread.addFd(number, fd));
}

export function chdirExit(event: CaptureEvent, thread: ThreadState): void {
  if (event.params.i64(0, -1) >= 0) thread.setCwd(nameAt(event.params, 1));
}

export function fchdirExit(event: CaptureEvent, thread: ThreadState): void {
  const fd = event.usedFd;
  if (event.params.i64(0, -1) >= 0 && fd !== undefined) thread.setCwd(fd.name);
}

/** A descriptor named by an exit parameter. */
export function usesFdAt(at: number): (event: CaptureEvent, thread: ThreadState) => void {
  return (event, thread) => {
    thread.lastFd = event.params.i64(at, -1);
    event.attach(thread.fd(thread.lastFd));
  };
}
