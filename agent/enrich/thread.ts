import type { FdsOfProcess, ThreadInfo } from '../../core/events/syscall.ts';

/** Of all processes that have opened nothing yet, which most of the short-lived never do; replaced, never filled. */
export const NO_FDS: FdsOfProcess = new Map();

/** A process of which nothing but its number is known. */
export function emptyThread(pid: number): ThreadInfo {
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
  };
}
