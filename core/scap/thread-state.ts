import type { ContainerInfo, ThreadInfo } from '../events/syscall.ts';
import { EventParams } from './event-params.ts';
import type { Kin } from './exit-only-threads.ts';
import type { FdState } from './fd-state.ts';
import { FdTable } from './fd-table.ts';
import { resolvePath } from './path.ts';
import type { ThreadTable } from './thread-table.ts';

const NONE: readonly string[] = [];
const NO_ID = 0xffffffff;

/** Clone flags of the capture format. Source: libs driver/ppm_events_public.h PPM_CL_*. */
export const CLONE_FILES = 1;
export const CLONE_FS = 2;
export const CLONE_NEWPID = 64;
export const CLONE_PARENT = 256;
export const CLONE_THREAD = 8192;
export const CLONE_INVERTED = 65_536;
export const CHILD_IN_PIDNS = 536_870_912;

/** Where a close that was overtaken by a new descriptor of the same number waits for its end. */
export const CANCELED_FD = -1_000_000;

/** One thread as the capture shows it. Ids are -1 where the capture does not tell. */
export class ThreadState implements ThreadInfo {
  tid: number;
  pid: number;
  /** Id of the parent as the kernel gives it. */
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
  ownEnv: readonly string[] = NONE;
  tty = 0;
  uid = NO_ID;
  gid = NO_ID;
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
  lastFd = 0;
  /** Time of the last enter event, its lower and upper half. */
  enterLo = 0;
  enterHi = 0;
  /** Parameters of the last enter event whose exit needs them, and its type. */
  enter: EventParams | undefined = undefined;
  enterType = -1;
  /** Others know it as their parent or leader: its changes show in their fields. */
  hasRelatives = false;
  /** Threads besides the leader, counted at the leader. */
  threads = 0;
  /** The process has ended; its entry stays while threads need it. */
  closed = false;
  /** Relations in the exit-only model. */
  kin: Kin | undefined = undefined;
  ownCwd = '';
  ownFds = new FdTable();
  /** The map belongs to another thread as well: it is copied before the first change. */
  fdsShared = false;
  readonly #table: ThreadTable;
  #changes = 0;

  constructor(table: ThreadTable, tid: number, pid: number) {
    this.#table = table;
    this.tid = tid;
    this.pid = pid;
  }

  get isLeader(): boolean {
    return this.tid === this.pid;
  }

  /** Leader of the thread group; undefined when it is unknown. */
  get leader(): ThreadState | undefined {
    return this.tid === this.pid ? this : this.#table.get(this.pid);
  }

  /** The thread whose descriptor table this one uses. */
  get fdOwner(): ThreadState | undefined {
    return (this.flags & CLONE_FILES) === 0 ? this : this.leader;
  }

  get cwdOwner(): ThreadState | undefined {
    return (this.flags & CLONE_FS) === 0 ? this : this.leader;
  }

  get fds(): FdTable {
    return this.fdOwner?.ownFds ?? NO_FDS;
  }

  get cwd(): string {
    // Nothing is known of a placeholder.
    return this.pid < 0 ? './' : (this.cwdOwner?.ownCwd ?? './');
  }

  get env(): readonly string[] {
    return this.leader?.ownEnv ?? NONE;
  }

  get ppid(): number {
    return this.leader?.ptid ?? -1;
  }

  get parent(): ThreadState | undefined {
    return this.#table.get(this.ptid);
  }

  get cgroup(): string {
    return this.cgroups.join(' ');
  }

  get user(): string | undefined {
    return this.#table.user(this.uid, this.container)?.name ?? this.#table.unknownName(this.uid);
  }

  get homedir(): string | undefined {
    return this.#table.user(this.uid, this.container)?.home ?? this.#table.unknownName(this.uid, '/root');
  }

  get shell(): string | undefined {
    return this.#table.user(this.uid, this.container)?.shell ?? this.#table.unknownName(this.uid, '<NA>');
  }

  get group(): string | undefined {
    return this.#table.group(this.gid, this.container) ?? this.#table.unknownName(this.gid);
  }

  get loginname(): string | undefined {
    return this.#table.user(this.loginuid, this.container)?.name ?? this.#table.unknownName(this.loginuid);
  }

  /** Grows with every change that a field of this thread, its leader or its ancestors could show. */
  get version(): number {
    return this.#changes + this.#table.relativeChanges;
  }

  changed(): void {
    this.#table.budget.spendTexts(this);
    this.#changes++;
    if (this.hasRelatives) this.#table.relativeChanges++;
  }

  fd(number: number): FdState | undefined {
    return this.fdOwner?.ownFds.get(number);
  }

  /** A descriptor that may be changed: a table shared since a fork is copied first. */
  writableFd(number: number): FdState | undefined {
    const owner = this.fdOwner;
    if (owner === undefined) return undefined;
    if (owner.fdsShared) this.#table.unshareFds(owner);
    return owner.ownFds.get(number);
  }

  /** Adds or replaces a descriptor. A replaced one whose close is under way waits for the end of it. */
  addFd(number: number, fd: FdState): FdState | undefined {
    const owner = this.fdOwner;
    if (owner === undefined) return undefined;
    if (owner.fdsShared) this.#table.unshareFds(owner);
    const before = owner.ownFds.get(number);
    if (before === undefined && !this.#table.countFd(owner, fd)) return undefined;
    if (before?.closing) {
      fd.closing = false;
      fd.closeCanceled = true;
      if (this.#table.countFd(owner, before)) owner.ownFds.set(CANCELED_FD, before);
    }
    owner.ownFds.set(number, fd);
    // Fields show the created descriptor, whatever the enter event named.
    this.lastFd = number;
    return fd;
  }

  removeFd(number: number): void {
    const owner = this.fdOwner;
    if (owner === undefined) return;
    if (owner.fdsShared) this.#table.unshareFds(owner);
    if (owner.ownFds.delete(number)) this.#table.fdCount--;
  }

  setCwd(path: string): void {
    const owner = this.cwdOwner;
    if (owner === undefined) return;
    const cwd = resolvePath(owner.ownCwd, path);
    owner.ownCwd = cwd.endsWith('/') ? cwd : `${cwd}/`;
    owner.changed();
  }

  /** From the enter event to this exit; 0 for enter events and where no enter was seen. */
  latencyAt(event: { readonly dir: string; readonly timeNs: bigint }): bigint {
    const entered =
      (BigInt.asUintN(32, BigInt(this.enterHi)) << 32n) | BigInt.asUintN(32, BigInt(this.enterLo));
    return event.dir === '>' || entered === 0n ? 0n : event.timeNs - entered;
  }

  get threadCount(): number | undefined {
    const { leader } = this;
    return this.kin?.group?.alive ?? (leader && this.#table.threadsOf(leader) + 1);
  }

  get childCount(): number {
    return this.kin?.group?.others ?? this.#table.threadsOf(this);
  }

  keepEnter(type: number, params: EventParams): void {
    const before = this.enter?.bytes.length ?? 0;
    this.enter ??= new EventParams();
    this.enter.copyFrom(params);
    this.enterType = type;
    const { length } = this.enter.bytes;
    if (length > before) this.#table.budget.spendEnter(length);
  }

  /** Parameters of the enter event that belongs to this exit; undefined when it was not seen. */
  enterOf(exitType: number): EventParams | undefined {
    return this.lastType === exitType - 1 && this.enterType === exitType - 1 ? this.enter : undefined;
  }
}

const NO_FDS = new FdTable();
