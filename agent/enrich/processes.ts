import type { ContainerInfo, ThreadInfo } from '../../core/events/syscall.ts';
import type { RawBase, RawExec, RawExit, RawFork } from '../decode/raw.ts';
import type { ProcFs } from './proc-fs.ts';
import { emptyThread, type LiveThread, NO_FDS } from './thread.ts';
import type { Users } from './users.ts';

/** A process is forgotten this long after its end: late events and children still name it. */
const EXITED_KEPT_NS = 10_000_000_000n;
/** Beyond this the oldest go earlier: a storm of short programs must not fill the memory with the dead. */
const EXITED_MAX = 64;
/** 65,536 × about 1.5 KiB = 96 MiB at the very worst; a busy node has a few thousand. */
const PROCESSES_MAX = 65_536;
const ANCESTORS_MAX = 32;
const THREADS_PER_PROCESS_MAX = 256;
const CMDLINE_CHARS_MAX = 4_096;

export type ProcessTreeOptions = {
  readonly proc: ProcFs;
  readonly users: Users;
  /** Added to kernel time (CLOCK_MONOTONIC) to get wall-clock time. */
  readonly wallOffsetNs: () => bigint;
  readonly cgroupPath: (cgroupId: number) => string;
  readonly containerOf: (cgroup: string) => ContainerInfo | undefined;
};

/** All processes of the node: seeded once, then kept by exec, fork and exit records. */
export class ProcessTree {
  readonly #options: ProcessTreeOptions;
  readonly #processes = new Map<number, LiveThread>();
  /** Ended processes in order of their end; those before `#exitedFrom` are forgotten. */
  #exited: { pid: number; thread: LiveThread; ktimeNs: bigint }[] = [];
  #exitedFrom = 0;
  /** Grows with every change that a field of any thread could show, its ancestors' included. */
  changes = 0;
  readonly counters = { unknown_process: 0, evicted_process: 0 };

  constructor(options: ProcessTreeOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#processes.size;
  }

  /** Links the processes of the probe's snapshot with their parents; without a snapshot /proc is read. */
  seed(): void {
    if (this.#processes.size === 0) for (const pid of this.#options.proc.pids()) this.#readProc(pid);
    for (const thread of this.#processes.values()) this.#adopt(thread);
    for (const thread of this.#processes.values()) enter(thread, thread.cloneTsNs);
  }

  get(pid: number): ThreadInfo | undefined {
    return this.#processes.get(pid);
  }

  /** The thread that made a record, brought up to date with what the record says of it. */
  threadOf(raw: RawBase): ThreadInfo {
    const leader = this.#leaderOf(raw);
    return raw.tid === raw.pid ? leader : this.#threadInside(leader, raw);
  }

  #leaderOf(raw: RawBase): LiveThread {
    let thread = this.#processes.get(raw.pid);
    if (thread === undefined) {
      this.counters.unknown_process++;
      thread = this.#readProc(raw.pid) ?? this.#add(emptyThread(raw.pid));
      this.#adopt(thread);
    }
    this.#refresh(thread, raw);
    return thread;
  }

  exec(raw: RawExec): ThreadInfo {
    const before = this.#processes.get(raw.pid);
    const thread = before ?? this.#add(emptyThread(raw.pid));
    if (before === undefined && !raw.snapshot) this.counters.unknown_process++;
    const argv = raw.snapshot ? this.#options.proc.cmdline(raw.pid) : raw.argv;
    thread.exe = argv[0] ?? raw.filename;
    thread.args = argv.slice(1);
    thread.comm = raw.comm;
    thread.exepath = raw.exepath;
    thread.cwd = raw.cwd;
    thread.ppid = raw.ppid;
    thread.sid = raw.sid;
    thread.vpid = raw.vpid;
    thread.vtid = raw.vpid;
    thread.vpgid = raw.vpgid;
    thread.gid = raw.gid;
    thread.loginuid = raw.loginuid;
    thread.tty = raw.tty;
    thread.capPermitted = raw.capPermitted;
    thread.capEffective = raw.capEffective;
    thread.capInheritable = raw.capInheritable;
    thread.exeIno = raw.exeIno;
    thread.exeInoCtime = raw.exeCtimeNs;
    thread.exeInoMtime = raw.exeMtimeNs;
    thread.pidnsInitStartTs = raw.pidnsStartNs + this.#options.wallOffsetNs();
    thread.pgid = raw.pgid;
    if (!raw.snapshot) thread.env = raw.env;
    thread.exeWritable = (raw.exeFlags & 1) !== 0;
    thread.exeUpperLayer = (raw.exeFlags & 2) !== 0;
    thread.exeFromMemfd = (raw.exeFlags & 4) !== 0;
    thread.exeLowerLayer = (raw.exeFlags & 8) !== 0;
    thread.cloneTsNs = raw.startNs + this.#options.wallOffsetNs();
    thread.uid = -1; // makes #refresh look the names up again, and count the change
    this.#adopt(thread);
    this.#refresh(thread, raw);
    if (!raw.snapshot) enter(thread, raw.ktimeNs + this.#options.wallOffsetNs());
    return thread;
  }

  fork(raw: RawFork): ThreadInfo {
    const parent = this.#leaderOf(raw);
    const child: LiveThread = {
      ...parent,
      tid: raw.childPid,
      pid: raw.childPid,
      vpid: raw.childVpid,
      vtid: raw.childVpid,
      comm: raw.comm,
      ppid: raw.childPpid,
      parent: raw.childPpid === raw.pid ? parent : this.#processes.get(raw.childPpid),
      cloneTsNs: raw.startNs + this.#options.wallOffsetNs(),
      fds: parent.fds.size === 0 ? NO_FDS : new Map(parent.fds),
      memo: undefined,
      cgroupId: raw.cgroupId,
      inside: undefined,
    };
    cutAncestors(child);
    return this.#add(child);
  }

  /** A process has given up capabilities, or taken them back. */
  setCapabilities(raw: RawBase, inheritable: bigint, permitted: bigint, effective: bigint): void {
    const thread = this.#processes.get(raw.pid);
    if (thread === undefined) return;
    thread.capInheritable = inheritable;
    thread.capPermitted = permitted;
    thread.capEffective = effective;
    this.#changed(thread);
  }

  /** The process stays known for a while; its children keep it as their parent. */
  exit(raw: RawExit): ThreadInfo {
    const thread = this.#leaderOf(raw);
    // It is kept for its name: what was derived from it would only be copied by the collector.
    thread.memo = undefined;
    thread.inside = undefined;
    this.#exited.push({ pid: raw.pid, thread, ktimeNs: raw.ktimeNs });
    this.#forget(raw.ktimeNs);
    return thread;
  }

  #forget(nowNs: bigint): void {
    for (; this.#exitedFrom < this.#exited.length; this.#exitedFrom++) {
      const oldest = this.#exited[this.#exitedFrom];
      const isMany = this.#exited.length - this.#exitedFrom > EXITED_MAX;
      if (oldest === undefined || (nowNs - oldest.ktimeNs < EXITED_KEPT_NS && !isMany)) break;
      // The number may belong to a new process by now.
      if (this.#processes.get(oldest.pid) === oldest.thread) this.#processes.delete(oldest.pid);
    }
    // The list is copied once for as many as it keeps, not for each.
    if (this.#exitedFrom <= this.#exited.length / 2) return;
    this.#exited = this.#exited.slice(this.#exitedFrom);
    this.#exitedFrom = 0;
  }

  #add(thread: LiveThread): LiveThread {
    this.#processes.delete(thread.pid); // a reused number moves to the end of the order
    this.#processes.set(thread.pid, thread);
    if (this.#processes.size > PROCESSES_MAX) {
      const oldest = this.#processes.keys().next().value;
      if (oldest !== undefined) this.#processes.delete(oldest);
      this.counters.evicted_process++;
    }
    return thread;
  }

  #readProc(pid: number): LiveThread | undefined {
    const thread = this.#options.proc.read(pid);
    if (thread === undefined) return undefined;
    thread.container = this.#options.containerOf(thread.cgroup);
    this.#name(thread);
    return this.#add(thread);
  }

  #adopt(thread: ThreadInfo): void {
    thread.parent = thread.ppid === thread.pid ? undefined : this.#processes.get(thread.ppid);
    cutAncestors(thread);
  }

  #name(thread: ThreadInfo): void {
    const { users } = this.#options;
    // The host's names mean nothing in a container, but 0 is root everywhere.
    const host = thread.container === undefined;
    thread.user = host ? users.userName(thread.uid) : thread.uid === 0 ? 'root' : undefined;
    thread.group = host ? users.groupName(thread.gid) : thread.gid === 0 ? 'root' : undefined;
    thread.loginname = thread.loginuid < 0 ? undefined : users.userName(thread.loginuid);
  }

  #refresh(thread: LiveThread, raw: RawBase): void {
    let changed = false;
    if (thread.cgroupId !== raw.cgroupId) {
      thread.cgroupId = raw.cgroupId;
      const { cgroupPath, proc } = this.#options;
      const cgroup = cgroupPath(raw.cgroupId) || proc.cgroup(raw.pid) || thread.cgroup;
      thread.cgroup = cgroup;
      thread.container = this.#options.containerOf(cgroup);
      changed = true;
    }
    if (thread.uid !== raw.uid) {
      thread.uid = raw.uid;
      changed = true;
    }
    if (raw.tid === raw.pid && raw.comm !== '' && thread.comm !== raw.comm) {
      thread.comm = raw.comm;
      changed = true;
    }
    if (!changed) return;
    this.#name(thread);
    this.#changed(thread);
  }

  #changed(thread: LiveThread): void {
    this.changes++;
    thread.inside = undefined;
  }

  /** Threads share all of their process but number and name. */
  #threadInside(leader: LiveThread, raw: RawBase): ThreadInfo {
    if (leader.inside === undefined || leader.inside.size > THREADS_PER_PROCESS_MAX)
      leader.inside = new Map();
    const known = leader.inside.get(raw.tid);
    if (known !== undefined && known.comm === raw.comm) return known;
    const thread: LiveThread = {
      ...leader,
      tid: raw.tid,
      comm: raw.comm,
      memo: undefined,
      inside: undefined,
    };
    leader.inside.set(raw.tid, thread);
    return thread;
  }
}

/** Ended ancestors live as long as a child names them, so the chain's length must have a limit. */
function cutAncestors(thread: ThreadInfo): void {
  let at: ThreadInfo | undefined = thread;
  for (let depth = 0; depth < ANCESTORS_MAX && at !== undefined; depth++) at = at.parent;
  if (at !== undefined) at.parent = undefined;
}

/**
 * Gives a thread its way into its container. Runtimes start what they run in a container from outside of it; so the
 * uppermost process that is inside is the entry, and what it starts keeps it, even when that changes its parent.
 */
function enter(thread: ThreadInfo, timeNs: bigint): void {
  const { container } = thread;
  if (container === undefined) thread.entry = undefined;
  if (container === undefined || thread.entry?.containerId === container.id) return;
  let top = thread;
  for (let depth = 0; depth < ANCESTORS_MAX; depth++) {
    if (top.parent?.container?.id !== container.id) break;
    top = top.parent;
    if (top.entry?.containerId === container.id) break;
  }
  if (top.entry?.containerId !== container.id)
    top.entry = {
      containerId: container.id,
      pid: top.pid,
      vpid: top.vpid,
      timeNs: top === thread ? timeNs : top.cloneTsNs,
      cmdline: [top.exe, ...top.args].join(' ').slice(0, CMDLINE_CHARS_MAX),
    };
  thread.entry = top.entry;
}
