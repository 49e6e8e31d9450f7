import type { ArgValue, EventParameters, SyscallEvent } from '../events/syscall.ts';
import { absolutePath } from './absolute-path.ts';
import { eventCategory } from './event-category.ts';
import {
  ANY_FD,
  type EventDef,
  READS_FROM_FD,
  SKIPS_PARSER,
  USES_FD,
  WAITS,
  WRITES_TO_FD,
} from './event-defs.ts';
import { EventParams } from './event-params.ts';
import type { FdState } from './fd-state.ts';
import { paramText, paramValue, paramWithResolved } from './param-value.ts';
import { syscallName } from './syscall-name.ts';
import type { ThreadState } from './thread-state.ts';
import type { ThreadTable } from './thread-table.ts';
import { opening, unknownFd } from './unknown-fd.ts';

const NO_EVENT: EventDef = {
  id: -1,
  name: '',
  dir: '>',
  category: 'unknown',
  flags: 0,
  params: [],
  index: new Map(),
  fdAt: -1,
  resAt: -1,
};

/** No descriptor has this number. */
export const NO_FD = -2_000_000;
const SWITCH = 152;

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
  readonly table: ThreadTable;
  /** Position of the timestamp in `params.bytes`. */
  timeAt = 0;
  firstTimeNs = 0n;
  readonly params = new EventParams();
  readonly parameters: EventParameters = new Parameters(this);
  readonly aftermath: Aftermath = { fd: NO_FD, owner: undefined, thread: undefined };
  hasAftermath = false;
  #attached: FdState | undefined = undefined;

  constructor(merged: boolean, table: ThreadTable) {
    this.merged = merged;
    this.table = table;
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

  get relativeNs(): bigint {
    return this.timeNs - this.firstTimeNs;
  }

  get isGeneric(): boolean {
    return this.def.id <= 1;
  }

  get type(): string {
    return this.def.id > 1 ? this.def.name : syscallName(this.params.u16(0), this.merged);
  }

  get dir(): '<' | '>' {
    return this.def.dir;
  }

  get category(): string {
    return eventCategory(this);
  }

  get isSyscall(): boolean {
    return (
      this.def.id !== SWITCH && this.def.category !== 'internal' && (this.def.flags & SKIPS_PARSER) === 0
    );
  }

  get readsFd(): boolean {
    return (this.def.flags & READS_FROM_FD) !== 0;
  }

  get writesFd(): boolean {
    return (this.def.flags & WRITES_TO_FD) !== 0;
  }

  get waits(): boolean {
    return (this.def.flags & WAITS) !== 0;
  }

  get res(): number | undefined {
    if (this.def.resAt < 0 || this.params.length(0) < 8) return undefined;
    return this.params.i64(0, 0);
  }

  get latencyNs(): bigint | undefined {
    // Without enter events nothing is known of when a call began.
    if (this.thread === undefined || this.merged) return 0n;
    return this.def.category === 'internal' ? undefined : this.thread.latencyAt(this);
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
    this.#attached = thread.writableFd(thread.lastFd);
    return this.#attached;
  }

  attach(fd: FdState | undefined): void {
    if (fd !== undefined) this.#attached = fd;
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
    return (this.def.flags & ANY_FD) === 0 ? undefined : this.thread?.lastFd;
  }

  get fd(): FdState | undefined {
    const thread = this.thread;
    if ((this.def.flags & ANY_FD) === 0 || thread === undefined) return undefined;
    return this.#attached ?? (thread.lastFd === -1 ? undefined : thread.fd(thread.lastFd));
  }

  get fdRenamed(): boolean {
    return this.usedFd?.renamed ?? false;
  }

  get unknownFd(): { name: string | undefined; typechar: string } | undefined {
    return (this.def.flags & ANY_FD) === 0 || this.thread === undefined ? undefined : unknownFd(this);
  }

  get opening(): { flags: number; mode: number } | undefined {
    return opening(this);
  }

  get absolutePath(): (which: 0 | 1 | 2) => string | undefined {
    return (which) => absolutePath(this, which);
  }

  get isLocalAddress(): (ip: string) => boolean {
    return (ip) => this.table.isLocalAddress(ip, this.thread);
  }

  get args(): Readonly<Record<string, ArgValue>> {
    const args: Record<string, ArgValue> = {};
    for (let at = 0; at < this.parameters.count; at++) {
      const value = paramValue(this, at);
      if (value !== undefined) args[this.parameters.nameOf(at)] = value;
    }
    return args;
  }

  get argText(): Readonly<Record<string, string>> {
    const texts: Record<string, string> = {};
    for (let at = 0; at < this.parameters.count; at++)
      texts[this.parameters.nameOf(at)] = paramText(this, at);
    return texts;
  }
}

/** The event's parameters for fields. */
class Parameters implements EventParameters {
  readonly #event: CaptureEvent;

  constructor(event: CaptureEvent) {
    this.#event = event;
  }

  /** Parameters beyond the table are of a newer version: nothing is known of them. */
  get count(): number {
    return Math.min(this.#event.params.count, this.#event.def.params.length);
  }

  nameOf(at: number): string {
    return this.#event.def.params[at]?.name ?? '';
  }

  indexOf(name: string): number {
    const at = this.#event.def.index.get(name) ?? -1;
    return at < this.count ? at : -1;
  }

  textOf(at: number): string | undefined {
    return at < 0 || at >= this.count ? undefined : paramText(this.#event, at);
  }

  valueOf(at: number): ArgValue | undefined {
    return at < 0 ? undefined : paramValue(this.#event, at);
  }

  allText(): string {
    // Generic events carry nothing but the system call's number.
    if (this.#event.isGeneric) return '';
    let out = '';
    for (let at = 0; at < this.count; at++)
      out += `${this.nameOf(at)}=${paramWithResolved(this.#event, at)} `;
    // sysdig ends the list with a space, Falco does not.
    return this.#event.merged ? out.slice(0, -1) : out;
  }
}
