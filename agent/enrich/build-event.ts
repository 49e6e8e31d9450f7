import type { ArgValue, FdInfo, SyscallEvent, ThreadInfo } from '../../core/events/syscall.ts';
import { CLONE_FLAGS, cloneFlags, EXE_FLAGS, flagText } from '../decode/flags.ts';
import type { RawBase, RawExec, RawExit, RawFork } from '../decode/raw.ts';

export type EventParts = {
  readonly type: string;
  readonly res: number | undefined;
  readonly args: Record<string, ArgValue>;
  readonly argText?: Record<string, string>;
  readonly fdNum?: number | undefined;
  readonly fd?: FdInfo | undefined;
  /** This event gave the descriptor its name. */
  readonly fdRenamed?: boolean;
};

const NO_TEXT: Readonly<Record<string, string>> = {};

/** Puts time, thread and parts together; `num` is given when the event is delivered. */
export function buildEvent(
  raw: RawBase,
  timeNs: bigint,
  thread: ThreadInfo,
  parts: EventParts,
): SyscallEvent {
  return {
    source: 'syscall',
    num: 0,
    timeNs,
    cpu: raw.cpu,
    type: parts.type,
    dir: '<',
    tid: raw.tid,
    thread,
    res: parts.res,
    args: parts.args,
    argText: parts.argText ?? NO_TEXT,
    fdNum: parts.fdNum,
    fd: parts.fd,
    ...(parts.fdRenamed === undefined ? undefined : { fdRenamed: parts.fdRenamed }),
  };
}

/** Parameters in the order of Falco's event table, those of them that the probe reads. */
export function execParts(raw: RawExec, thread: ThreadInfo): EventParts {
  return {
    type: 'execve',
    res: 0,
    args: {
      res: 0,
      exe: thread.exe,
      args: thread.args,
      tid: raw.tid,
      pid: raw.pid,
      ptid: raw.ppid,
      cwd: raw.cwd,
      comm: raw.comm,
      cgroups: thread.cgroup,
      tty: raw.tty,
      env: thread.env,
      vpgid: raw.vpgid,
      pgid: raw.pgid,
      loginuid: raw.loginuid,
      flags: raw.exeFlags,
      cap_inheritable: raw.capInheritable,
      cap_permitted: raw.capPermitted,
      cap_effective: raw.capEffective,
      exe_ino: raw.exeIno,
      exe_ino_ctime: raw.exeCtimeNs,
      exe_ino_mtime: raw.exeMtimeNs,
      uid: raw.uid,
      trusted_exepath: raw.exepath,
      gid: raw.gid,
      filename: raw.filename,
    },
    argText: { flags: flagText(EXE_FLAGS, raw.exeFlags) },
  };
}

/** The parent's view of a new process: the result is the child's pid. */
export function forkParts(raw: RawFork, parent: ThreadInfo): EventParts {
  return {
    type: raw.call,
    res: raw.childPid,
    args: {
      res: raw.childPid,
      exe: parent.exe,
      args: parent.args,
      tid: raw.tid,
      pid: raw.pid,
      ptid: parent.ppid,
      comm: parent.comm,
      flags: cloneFlags(raw.cloneFlags),
      uid: raw.uid,
      vpid: raw.childVpid,
    },
    argText: { flags: flagText(CLONE_FLAGS, cloneFlags(raw.cloneFlags)) },
  };
}

/** Source: wait(2), the status word: exit code in bits 8–15, signal in 0–6, core dump in 7. */
export function exitParts(raw: RawExit): EventParts {
  const status = raw.res;
  return {
    type: 'procexit',
    res: undefined,
    args: { status, ret: (status >> 8) & 0xff, sig: status & 0x7f, core: (status >> 7) & 1 },
  };
}
