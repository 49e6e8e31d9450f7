import type { FdsOfProcess, ThreadInfo } from '../../core/events/syscall.ts';

/** Of all processes that have opened nothing yet, which most of the short-lived never do; replaced, never filled. */
export const NO_FDS: FdsOfProcess = new Map();

/** A process as the tree keeps it. In the object itself: a weak map of short-lived keys is what the collector is slowest at. */
export type LiveThread = ThreadInfo & {
  /** -1 before the kernel has told. */
  cgroupId: number;
  /** Its other threads, as far as they were seen. */
  inside: Map<number, ThreadInfo> | undefined;
};

/** A process of which nothing but its number is known. */
export function emptyThread(pid: number): LiveThread {
  return {
    tid: pid,
    pid,
    ppid: 0,
    parent: undefined,
    vpid: pid,
    vtid: pid,
    sid: 0,
    vpgid: 0,
    comm: '',
    exe: '',
    exepath: '',
    args: [],
    env: [],
    cwd: '/',
    tty: 0,
    uid: 0,
    gid: 0,
    loginuid: -1,
    user: undefined,
    group: undefined,
    loginname: undefined,
    capPermitted: 0n,
    capEffective: 0n,
    capInheritable: 0n,
    exeWritable: false,
    exeUpperLayer: false,
    exeLowerLayer: false,
    exeFromMemfd: false,
    exeIno: 0n,
    cloneTsNs: 0n,
    cgroup: '',
    container: undefined,
    fds: NO_FDS,
    version: 0,
    cgroupId: -1,
    inside: undefined,
  };
}
