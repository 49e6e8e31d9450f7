import type { ContainerInfo } from '../events/syscall.ts';
import type { ThreadGroup } from './exit-only-threads.ts';
import type { FdState } from './fd-state.ts';
import { FdTable } from './fd-table.ts';
import { NetInterfaces } from './net-interfaces.ts';
import { StateBudget } from './state-budget.ts';
import { ThreadState } from './thread-state.ts';

/** Threads followed at a time; beyond it new ones are not kept. Source: libsinsp defaults. */
const THREADS_MAX = 131_072;
const FDS_OF_PROCESS_MAX = 4_096;
/** Over all processes: × about 200 bytes = 50 MB. */
const FDS_MAX = 262_144;

export type User = {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  readonly home: string;
  readonly shell: string;
};

/** Entries and length of the texts of one: 32 MB at most. */
const USERS_MAX = 16_384;
const USER_CHARS_MAX = 1_024;

/** Everything known of the machine while a capture is read. */
export class ThreadTable {
  readonly interfaces = new NetInterfaces(() => this.limit('more network addresses are not kept'));
  readonly budget = new StateBudget(this);
  readonly containers = new Map<string, ContainerInfo>();
  /** Ports on which some process listened when the capture began. */
  readonly serverPorts = new Set<number>();
  /** Falco's users: those of a container are its own, and an id that no list names is called `<NA>`. */
  falcoUsers = false;
  /** Processes by their id, in the exit-only model. */
  readonly groups = new Map<number, ThreadGroup>();
  /** Bytes of what container events told. */
  containerBytes = 0;
  bootTimeNs = 0n;
  /** Learns once of each limit that the capture exceeds. */
  onLimit: (message: string) => void = () => undefined;
  readonly #limits = new Set<string>();
  /** Counts changes of threads that others show in their fields; see ThreadState.version. */
  relativeChanges = 0;
  fdCount = 0;
  readonly #users = new Map<string, User>();
  readonly #groups = new Map<string, string>();
  readonly #threads = new Map<number, ThreadState>();
  #last: ThreadState | undefined = undefined;

  get(tid: number): ThreadState | undefined {
    // Events come in runs of one thread.
    if (this.#last !== undefined && this.#last.tid === tid) return this.#last;
    const found = this.#threads.get(tid);
    if (found !== undefined) this.#last = found;
    return found;
  }

  /** Adds or replaces a thread; false when the table is full. */
  add(thread: ThreadState): boolean {
    const room = this.budget.spendThread(thread) && this.#threads.size < THREADS_MAX;
    if (!room && !this.#threads.has(thread.tid)) return false;
    this.#threads.set(thread.tid, thread);
    this.#last = undefined;
    this.relativeChanges++;
    if (!thread.isLeader) this.#relate(this.#threads.get(thread.pid));
    this.#relate(this.#threads.get(thread.ptid));
    return true;
  }

  #relate(thread: ThreadState | undefined): void {
    if (thread !== undefined) thread.hasRelatives = true;
  }

  remove(tid: number): void {
    const thread = this.#threads.get(tid);
    if (thread === undefined) return;
    this.fdCount -= thread.fdsShared ? 0 : thread.ownFds.size;
    this.#threads.delete(tid);
    this.#last = undefined;
    if (thread.hasRelatives) this.relativeChanges++;
  }

  /** A thread has ended: a process stays known while threads of it live on. */
  end(thread: ThreadState): void {
    if (this.#threads.get(thread.tid) === thread) this.remove(thread.tid);
  }

  /** Threads of a process besides its first. */
  threadsOf(leader: ThreadState): number {
    if (!leader.isLeader || !leader.hasRelatives) return 0;
    let count = 0;
    for (const thread of this.#threads.values()) if (thread.pid === leader.pid && thread !== leader) count++;
    return count;
  }

  /** Whether an address is the machine's, or the container's of the thread that asks. */
  isLocalAddress(ip: string, thread: ThreadState | undefined): boolean {
    const details = thread?.container?.details;
    if (details?.ip !== undefined && details.ip !== '' && details.ip !== '0.0.0.0') {
      if (details.ip === ip) return true;
    } else if (details !== undefined) {
      for (const other of this.containers.values()) if (other.details?.ip === ip) return true;
    }
    return this.interfaces.isLocal(ip);
  }

  values(): Iterable<ThreadState> {
    return this.#threads.values();
  }

  /** Settles relations once the list of running processes is read: children may come before parents. */
  relateAll(): void {
    for (const thread of this.#threads.values()) {
      if (!thread.isLeader) this.#relate(this.#threads.get(thread.pid));
      this.#relate(this.#threads.get(thread.ptid));
    }
  }

  /** Placeholder of a thread that the capture uses without having introduced it. */
  unknown(tid: number): ThreadState {
    const thread = new ThreadState(this, tid, tid);
    thread.comm = '<NA>';
    thread.exe = '<NA>';
    this.add(thread);
    return thread;
  }

  /** Counts one more descriptor of a process; false when a limit is reached. */
  countFd(owner: ThreadState, fd: FdState): boolean {
    if (owner.ownFds.size >= FDS_OF_PROCESS_MAX || this.fdCount >= FDS_MAX) return false;
    if (!this.budget.spendFd(fd)) return false;
    this.fdCount++;
    return true;
  }

  /** Gives a process its own copy of a table that it has shared since a fork. */
  unshareFds(owner: ThreadState): void {
    const copy = new FdTable();
    if (this.fdCount + owner.ownFds.size <= FDS_MAX) {
      for (const [number, fd] of owner.ownFds) copy.set(number, fd.clone());
    }
    owner.ownFds = copy;
    owner.fdsShared = false;
    this.fdCount += copy.size;
  }

  /** Tells once that the capture exceeds a limit. */
  limit(message: string): void {
    if (this.#limits.has(message)) return;
    this.#limits.add(message);
    this.onLimit(message);
  }

  #hasRoom(list: ReadonlyMap<string, unknown>, chars: number): boolean {
    if (list.size < USERS_MAX && chars <= USER_CHARS_MAX) return true;
    this.limit('more users and groups are not kept');
    return false;
  }

  addUser(user: User, containerId = ''): void {
    const chars = user.name.length + user.home.length + user.shell.length + containerId.length;
    if (!this.#hasRoom(this.#users, chars)) return;
    this.#users.set(`${containerId} ${user.uid}`, user);
    this.relativeChanges++;
  }

  removeUser(uid: number, containerId: string): void {
    this.#users.delete(`${containerId} ${uid}`);
    this.relativeChanges++;
  }

  user(uid: number, container: ContainerInfo | undefined): User | undefined {
    const own = this.#users.get(`${container?.id ?? ''} ${uid}`);
    return own === undefined && !this.falcoUsers ? this.#users.get(` ${uid}`) : own;
  }

  /** What fields show of an id that no list names. */
  unknownName(id: number, ofRoot = 'root'): string | undefined {
    if (!this.falcoUsers) return undefined;
    return id === 0 ? ofRoot : '<NA>';
  }

  addGroup(gid: number, name: string, containerId = ''): void {
    if (!this.#hasRoom(this.#groups, name.length + containerId.length)) return;
    this.#groups.set(`${containerId} ${gid}`, name);
    this.relativeChanges++;
  }

  removeGroup(gid: number, containerId: string): void {
    this.#groups.delete(`${containerId} ${gid}`);
    this.relativeChanges++;
  }

  group(gid: number, container: ContainerInfo | undefined): string | undefined {
    const own = this.#groups.get(`${container?.id ?? ''} ${gid}`);
    return own === undefined && !this.falcoUsers ? this.#groups.get(` ${gid}`) : own;
  }
}
