import type { ContainerInfo, ThreadInfo } from '../events/syscall.ts';
import { EventParams } from './event-params.ts';
import type { FdState } from './fd-state.ts';
import type { ThreadTable } from './thread-table.ts';

const NONE: readonly string[] = [];

/** One thread as the capture shows it. Ids are -1 where the capture does not tell. */
export class ThreadState implements ThreadInfo {
  tid: number;
  pid: number;
  /** Id of the parent as the kernel gives it: the parent process's id. */
  ptid = -1;
  vpid = -1;
  vtid = -1;
  sid = -1;
  vpgid = -1;
  pgid = -1;
  comm = '';
  exe = '';
  exepath = '';
  args: readonly string[] = NONE;
  env: readonly string[] = NONE;
  tty = 0;
  uid = 0xffffffff;
  gid = 0xffffffff;
  loginuid = -1;
  capPermitted = 0n;
  capEffective = 0n;
  capInheritable = 0n;
  exeWritable = false;
  exeUpperLayer = false;
  exeLowerLayer = false;
  exeFromMemfd = false;
  exeIno = 0n;
  exeInoCtime = 0n;
  exeInoMtime = 0n;
  pidnsInitStartTs = 0n;
  cloneTsNs = 0n;
  root = '';
  fdLimit = -1;
  flags = 0;
  vmSizeKb = 0;
  vmRssKb = 0;
  vmSwapKb = 0;
  pageFaultsMajor = 0n;
  pageFaultsMinor = 0n;
  cgroups: readonly string[] = NONE;
  container: ContainerInfo | undefined = undefined;
  /** Type of the last enter event and the descriptor it named; -1 when none. */
  lastType = -1;
  lastFd = -1;
  /** Parameters of the last enter event whose exit needs them. */
  enter: EventParams | undefined = undefined;
  enterType = -1;
  /** Other threads know it as their parent. */
  isParent = false;
  ownFds: Map<number, FdState> = new Map();
  ownCwd = '';
  readonly #table: ThreadTable;
  #changes = 0;

  constructor(table: ThreadTable, tid: number, pid: number) {
    this.#table = table;
    this.tid = tid;
    this.pid = pid;
  }

  /** Leader of the thread group, or itself when the leader is unknown. */
  get leader(): ThreadState {
    if (this.tid === this.pid) return this;
    return this.#table.get(this.pid) ?? this;
  }

  get ppid(): number {
    return this.leader.ptid;
  }

  get parent(): ThreadState | undefined {
    return this.#table.get(this.leader.ptid)?.leader;
  }

  get fds(): Map<number, FdState> {
    return this.leader.ownFds;
  }

  get cwd(): string {
    return this.leader.ownCwd;
  }

  get cgroup(): string {
    return this.cgroups.join(' ');
  }

  get user(): string | undefined {
    return this.#table.users.get(this.uid)?.name;
  }

  get group(): string | undefined {
    return this.#table.groups.get(this.gid);
  }

  get loginname(): string | undefined {
    return this.#table.users.get(this.loginuid)?.name;
  }

  /** Grows with every change that a field of this thread or of its ancestors could show. */
  get version(): number {
    return this.#changes + this.#table.ancestryChanges;
  }

  changed(): void {
    this.#changes++;
    // Children read their ancestors' fields: only a change of a parent can touch them.
    if (this.isParent) this.#table.ancestryChanges++;
  }

  keepEnter(type: number, params: EventParams): void {
    this.enter ??= new EventParams();
    this.enter.copyFrom(params);
    this.enterType = type;
  }
}
