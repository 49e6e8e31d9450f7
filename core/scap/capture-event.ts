import type { ArgValue, FdInfo, SyscallEvent } from '../events/syscall.ts';
import { ANY_FD, type EventDef, USES_FD } from './event-defs.ts';
import { EventParams } from './event-params.ts';
import type { FdState } from './fd-state.ts';
import type { ThreadState } from './thread-state.ts';

const NO_EVENT: EventDef = {
  id: -1,
  name: '',
  dir: '>',
  category: 'unknown',
  flags: 0,
  params: [],
  index: new Map(),
  resAt: -1,
};

/** No descriptor has this number. */
export const NO_FD = -2_000_000;

/** What happens once everybody has seen the event. */
type Aftermath = { fd: number; owner: ThreadState | undefined; thread: ThreadState | undefined };

/** One event of a capture. There is one object for all events: it is valid during the callback only. */
export class CaptureEvent implements SyscallEvent {
  readonly source = 'syscall';
  /** evt.num: counts every event of the file from 1, hidden ones too. */
  evtNum = 0;
  tid = 0;
  cpu = 0;
  def: EventDef = NO_EVENT;
  thread: ThreadState | undefined = undefined;
  /** The exit event belongs to the enter event seen before it. */
  paired = false;
  /** Exit events carry the parameters of their enter events. */
  readonly merged: boolean;
  /** Position of the timestamp in `params.bytes`. */
  timeAt = 0;
  readonly params = new EventParams();
  readonly aftermath: Aftermath = { fd: NO_FD, owner: undefined, thread: undefined };
  hasAftermath = false;
  #attached: FdState | undefined = undefined;

  constructor(merged: boolean) {
    this.merged = merged;
  }

  /** Forgets what the event before it left. */
  reset(): void {
    this.#attached = undefined;
  }

  get num(): number {
    return this.evtNum;
  }

  get timeNs(): bigint {
    return this.params.view.getBigUint64(this.timeAt, true);
  }

  get type(): string {
    return this.def.name;
  }

  get dir(): '<' | '>' {
    return this.def.dir;
  }

  get res(): number | undefined {
    if (this.def.resAt < 0 || this.params.length(0) < 8) return undefined;
    return this.params.i64(0, 0);
  }

  /** Descriptor that the event works on, as far as state tracking knows it. */
  get usedFd(): FdState | undefined {
    if (this.#attached !== undefined) return this.#attached;
    const thread = this.thread;
    if (thread === undefined || (this.def.flags & USES_FD) === 0 || !this.paired) return undefined;
    return thread.fd(thread.lastFd);
  }

  /** The same, for changing it. */
  changeableFd(): FdState | undefined {
    const used = this.usedFd;
    const thread = this.thread;
    if (used === undefined || thread === undefined) return undefined;
    if (thread.fdOwner?.fdsShared !== true) return used;
    const fd = thread.writableFd(thread.lastFd);
    this.#attached = fd;
    return fd;
  }

  attach(fd: FdState | undefined): void {
    if (fd !== undefined) this.#attached = fd;
  }

  setThread(thread: ThreadState): void {
    this.thread = thread;
  }

  removeFdLater(number: number): void {
    this.aftermath.fd = number;
    this.aftermath.owner = this.thread;
    this.hasAftermath = true;
  }

  removeThreadLater(thread: ThreadState): void {
    this.aftermath.thread = thread;
    this.hasAftermath = true;
  }

  get fdNum(): number | undefined {
    if ((this.def.flags & ANY_FD) === 0) return undefined;
    return this.thread?.lastFd;
  }

  get fd(): FdInfo | undefined {
    const thread = this.thread;
    if ((this.def.flags & ANY_FD) === 0 || thread === undefined) return undefined;
    return this.#attached ?? (thread.lastFd === -1 ? undefined : thread.fd(thread.lastFd));
  }

  get args(): Readonly<Record<string, ArgValue>> {
    return {};
  }

  get argText(): Readonly<Record<string, string>> {
    return {};
  }
}
