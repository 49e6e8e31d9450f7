import * as block from './block-types.ts';
import { ByteCursor } from './byte-cursor.ts';
import { CaptureError } from './capture-error.ts';
import { CaptureEvent, NO_FD } from './capture-event.ts';
import type { CaptureOptions } from './capture-options.ts';
import { readI64 } from './event-params.ts';
import { CLONE, type EventPlan, eventPlans, META, SWITCHES } from './event-plan.ts';
import { ExitOnlyConverter } from './exit-only-convert.ts';
import { cloneExit as exitOnlyClone, placeholder } from './exit-only-processes.ts';
import { relateAll, removeThread } from './exit-only-threads.ts';
import { settleRoles } from './fd-list.ts';
import { locateOldParams, locateParams } from './param-offsets.ts';
import { readSection, readStartState } from './start-state.ts';
import { INITIAL_EVENTS } from './state-meta.ts';
import { cloneExit } from './state-processes.ts';
import type { ThreadState } from './thread-state.ts';
import { ThreadTable } from './thread-table.ts';

export type { CaptureEvent } from './capture-event.ts';
export type { CaptureOptions, CaptureWarning } from './capture-options.ts';

/**
 * Sees every event. `false` says that a filter refuses the event: sysdig's state then keeps what it would
 * forget after an event that is shown, and counts of single filters depend on it.
 */
type OnEvent = (event: CaptureEvent) => unknown;

const BLOCK_HEADER = 8;
const BLOCK_TRAILER = 4;
const BLOCK_MIN = BLOCK_HEADER + BLOCK_TRAILER;
const PARTIAL_MIN = 4096;
const NOTHING = new Uint8Array(0);
const PROCINFO = 234;
const PROCEXIT = 186;
const SETTLES_MAX = 64;

/** A thread's id of 64 bits from its halves, as a small integer where it is one. */
function threadId(low: number, high: number): number {
  return high === 0 && low >= 0 ? low : high * 4_294_967_296 + (low >>> 0);
}

/**
 * Reads a capture (uncompressed bytes, in chunks of any size) and delivers its events with the state of
 * threads and descriptors rebuilt. Errors: CaptureError with the byte offset for a file that lies.
 */
export class CaptureReader {
  readonly #options: CaptureOptions;
  readonly #plans: readonly (EventPlan | undefined)[];
  readonly #event: CaptureEvent;
  readonly #converter: ExitOnlyConverter | undefined;
  readonly #table = new ThreadTable();
  /** The bytes at hand: a chunk, or the block that two chunks share. */
  #bytes: Uint8Array = NOTHING;
  #view: DataView = new DataView(NOTHING.buffer);
  /** File offset of their first byte. */
  #base = 0;
  /** File offset of the first block that is not read yet. */
  #next = 0;
  /** The beginning of a block that the last chunk did not end. */
  #partial = new Uint8Array(PARTIAL_MIN);
  #partialLength = 0;
  #inSection = false;
  /** Relations between the lists are worked out. */
  #settled = false;
  #settles = 0;
  /** An event had a time. */
  #timed = false;
  /** Nothing but the state of the beginning has come yet. */
  #initial = true;
  #count = 0;

  constructor(options: CaptureOptions) {
    this.#options = options;
    const exitOnly = options.exitOnly ?? false;
    this.#plans = eventPlans(options);
    this.#converter = exitOnly ? new ExitOnlyConverter() : undefined;
    this.#table.falcoUsers = exitOnly;
    this.#table.onLimit = (message) => this.#warn(this.#base, `the capture holds too much: ${message}`);
    this.#event = new CaptureEvent(exitOnly, this.#table);
  }

  /** Events of the file so far, hidden ones too. */
  get events(): number {
    return this.#count;
  }

  /** Reads a chunk in place: the caller may use its memory again afterwards. */
  push(chunk: Uint8Array, onEvent: OnEvent): void {
    const start = this.#partialLength === 0 ? 0 : this.#completePartial(chunk, onEvent);
    if (start === chunk.length) return;
    this.#look(chunk, this.#next - start);
    const end = this.#blocks(start, chunk.length, onEvent);
    this.#next += end - start;
    this.#keepPartial(chunk, end, chunk.length);
  }

  end(_onEvent: OnEvent): void {
    if (!this.#inSection && this.#partialLength < BLOCK_MIN)
      throw new CaptureError('not a capture: too short', 0);
    if (this.#partialLength > 0) {
      this.#warn(this.#next, `the file is truncated: it ends ${this.#partialLength} bytes into a block`);
    }
  }

  #warn(offset: number, message: string): void {
    this.#options.onWarning?.({ offset, message });
  }

  /** Takes `bytes`, which begin at `base` of the file, as the bytes at hand. */
  #look(bytes: Uint8Array, base: number): void {
    // A plain view: subclasses would make every access slower.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#base = base;
    this.#event.params.bytes = this.#bytes;
    this.#event.params.view = this.#view;
  }

  #keepPartial(chunk: Uint8Array, from: number, to: number): void {
    const length = this.#partialLength + to - from;
    if (length > this.#partial.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#partial.length));
      larger.set(this.#partial.subarray(0, this.#partialLength));
      this.#partial = larger;
    }
    this.#partial.set(chunk.subarray(from, to), this.#partialLength);
    this.#partialLength = length;
  }

  /** Reads the block that an earlier chunk began; returns where the next begins in this chunk. */
  #completePartial(chunk: Uint8Array, onEvent: OnEvent): number {
    const headerEnd = Math.min(chunk.length, Math.max(0, BLOCK_HEADER - this.#partialLength));
    this.#keepPartial(chunk, 0, headerEnd);
    if (this.#partialLength < BLOCK_HEADER) return chunk.length;
    this.#look(this.#partial, this.#next);
    const missing = this.#blockLength(0) - this.#partialLength;
    const end = Math.min(chunk.length, headerEnd + missing);
    this.#keepPartial(chunk, headerEnd, end);
    if (end < headerEnd + missing) return end;
    const length = this.#partialLength;
    this.#look(this.#partial, this.#next);
    this.#partialLength = 0;
    this.#blocks(0, length, onEvent);
    this.#next += length;
    return end;
  }

  /** Length of the block at `at`, whose header is at hand. */
  #blockLength(at: number): number {
    const type = this.#view.getUint32(at, true);
    const length = this.#view.getUint32(at + 4, true);
    if (!this.#inSection) this.#expectSection(type, at);
    if (length < BLOCK_MIN || length > block.BLOCK_MAX) {
      throw new CaptureError(`block of type 0x${type.toString(16)} claims ${length} bytes`, this.#base + at);
    }
    return length;
  }

  /** Handles every whole block up to `to`; returns where the first that is not whole begins. */
  #blocks(from: number, to: number, onEvent: OnEvent): number {
    const view = this.#view;
    const { onBlock } = this.#options;
    let at = from;
    while (to - at >= BLOCK_HEADER) {
      const length = this.#blockLength(at);
      if (length > to - at) break;
      if (view.getUint32(at + length - BLOCK_TRAILER, true) !== length) {
        throw new CaptureError('the two lengths of a block differ', this.#base + at);
      }
      const type = view.getUint32(at, true);
      if (type === block.EVENT_V2) this.#eventBlock(at, length, false, 4, 2, onEvent);
      else if (type === block.EVENT_FLAGS_V2) this.#eventBlock(at, length, true, 4, 2, onEvent);
      else this.#otherBlock(type, at, length, onEvent);
      onBlock?.(this.#bytes.subarray(at, at + length));
      at += length;
    }
    return at;
  }

  #expectSection(type: number, at: number): void {
    if (type !== block.SECTION) throw new CaptureError('not a capture: no section header', this.#base + at);
  }

  #otherBlock(rawType: number, at: number, length: number, onEvent: OnEvent): void {
    const type = block.officialType(rawType);
    if (type === block.EVENT) this.#eventBlock(at, length, false, 0, 2, onEvent);
    else if (type === block.EVENT_FLAGS) this.#eventBlock(at, length, true, 0, 2, onEvent);
    else if (type === block.EVENT_V2_LARGE) this.#eventBlock(at, length, false, 4, 4, onEvent);
    else if (type === block.EVENT_FLAGS_V2_LARGE) this.#eventBlock(at, length, true, 4, 4, onEvent);
    else if (type === block.SECTION) {
      readSection(this.#cursor(at, length), at);
      this.#inSection = true;
    } else {
      this.#settled = false;
      readStartState(type, this.#cursor(at, length), this.#table);
    }
  }

  #settle(): void {
    // A file of many sections may not have everything looked through for each.
    if (this.#settles++ >= SETTLES_MAX) {
      this.#settled = true;
      return;
    }
    settleRoles(this.#table);
    this.#table.relateAll();
    if (this.#converter !== undefined) relateAll(this.#table);
    this.#settled = true;
  }

  #cursor(at: number, length: number): ByteCursor {
    return new ByteCursor(this.#bytes, at + BLOCK_HEADER, at + length - BLOCK_TRAILER, this.#base);
  }

  /** `nparamsLength`: 4, or 0 in the first format, whose events do not tell how many they have. */
  #eventBlock(
    at: number,
    length: number,
    flagged: boolean,
    nparamsLength: number,
    lengthSize: number,
    onEvent: OnEvent,
  ): void {
    const view = this.#view;
    const head = at + (flagged ? 14 : 10);
    const end = at + length - BLOCK_TRAILER;
    if (head + 22 + nparamsLength > end) throw new CaptureError('event block too short', this.#base + at);
    let plan = this.#plans[view.getUint16(head + 20, true)];
    if (plan === undefined) return;
    const event = this.#event;
    if (!this.#settled) this.#settle();
    if (event.hasAftermath) this.#conclude(event);
    const count = ++this.#count;
    if (plan.inert && this.#timed && !this.#initial && nparamsLength > 0) {
      locateParams(
        event.params,
        view,
        this.#base,
        head + 26,
        end,
        view.getUint32(head + 22, true),
        plan.large ? 4 : lengthSize,
      );
      this.#pass(plan, head, flagged && (view.getUint32(at + 10, true) & block.STATE_ONLY) !== 0);
      return;
    }
    event.evtNum = count;
    event.def = plan.def;
    event.cpu = view.getUint16(at + 8, true);
    event.timeAt = head;
    event.tid = threadId(view.getInt32(head + 8, true), view.getInt32(head + 12, true));
    if (nparamsLength === 0) locateOldParams(event.params, view, this.#base, head, end, plan.def);
    else
      locateParams(
        event.params,
        view,
        this.#base,
        head + 26,
        end,
        view.getUint32(head + 22, true),
        plan.large ? 4 : lengthSize,
      );
    if (this.#converter !== undefined) {
      plan = this.#plans[this.#converter.convert(event, this.#bytes, view).id];
      if (plan === undefined) return;
    }
    event.reset();
    if (!this.#timed) this.#startTime(event);
    if (this.#converter === undefined) this.#track(event, plan);
    else this.#trackExitOnly(event, plan);
    if (this.#initial) {
      if (INITIAL_EVENTS.has(plan.def.id)) return;
      this.#initial = false;
    }
    if (flagged && (view.getUint32(at + 10, true) & block.STATE_ONLY) !== 0) return;
    if (plan.hidden) return;
    const refused = plan.interest === 'wanted' ? onEvent(event) === false : plan.interest === 'refused';
    if (event.thread !== undefined) this.#leave(event.thread, plan, refused && !event.merged);
  }

  /** Does what an event does that nobody wants and whose type carries no state. */
  #pass(plan: EventPlan, head: number, stateOnly: boolean): void {
    const view = this.#view;
    const tid = threadId(view.getInt32(head + 8, true), view.getInt32(head + 12, true));
    const thread = this.#table.get(tid) ?? this.#introduce(tid);
    if (plan.isEnter) {
      const { params } = this.#event;
      thread.lastType = plan.def.id;
      thread.enterLo = view.getInt32(head, true);
      thread.enterHi = view.getInt32(head + 4, true);
      thread.lastFd = plan.usesFd && params.length(0) >= 8 ? readI64(view, params.start(0)) : -1;
    }
    if (stateOnly || plan.hidden) return;
    this.#leave(thread, plan, plan.interest === 'refused' && this.#converter === undefined);
  }

  #introduce(tid: number): ThreadState {
    return this.#converter === undefined ? this.#table.unknown(tid) : placeholder(tid, this.#table);
  }

  /** What an event that was seen, or refused by a filter, leaves with its thread. */
  #leave(thread: ThreadState, plan: EventPlan, refused: boolean): void {
    if (!refused) {
      if (!plan.isEnter) thread.enterType = -1;
    } else if (plan.forgetsType) thread.lastType = -1;
  }

  /** Time runs from the first event with a time that tells of more than what was there before. */
  #startTime(event: CaptureEvent): void {
    if (INITIAL_EVENTS.has(event.def.id)) return;
    event.firstTimeNs = event.timeNs;
    this.#timed = event.firstTimeNs !== 0n;
  }

  /** Brings state up to date with an event of the era of enter and exit events. */
  #track(event: CaptureEvent, plan: EventPlan): void {
    const table = this.#table;
    const { kind } = plan;
    if (kind === META) {
      this.#trackMeta(event, plan);
      return;
    }
    let thread = table.get(event.tid);
    event.thread = thread;
    if (kind === CLONE) {
      event.paired = thread !== undefined && thread.lastType === plan.enterId;
      cloneExit(event, table);
      return;
    }
    if (kind === SWITCHES) {
      event.paired = false;
      if (thread !== undefined) plan.handler?.(event, thread, table);
      return;
    }
    if (thread === undefined) {
      thread = table.unknown(event.tid);
      event.thread = thread;
    }
    if (plan.isEnter) this.#enter(event, thread, plan);
    else event.paired = thread.lastType === plan.enterId;
    plan.handler?.(event, thread, table);
  }

  /** Brings state up to date with an event that carries everything itself. */
  #trackExitOnly(event: CaptureEvent, plan: EventPlan): void {
    const table = this.#table;
    const { kind } = plan;
    if (kind === META) {
      this.#trackMeta(event, plan);
      return;
    }
    let thread = table.get(event.tid);
    event.thread = thread;
    if (kind === CLONE) {
      event.paired = thread !== undefined && thread.lastType === plan.enterId;
      exitOnlyClone(event, table);
      return;
    }
    if (thread === undefined && kind !== SWITCHES && plan.def.id !== PROCEXIT) {
      thread = placeholder(event.tid, table);
      event.thread = thread;
    }
    if (thread === undefined) return;
    if (kind === SWITCHES) event.paired = false;
    else if (plan.isEnter) this.#enter(event, thread, plan);
    else {
      thread.lastFd = plan.def.fdAt < 0 ? -1 : event.params.i64(plan.def.fdAt, -1);
      event.paired = true;
    }
    plan.handler?.(event, thread, table);
  }

  #trackMeta(event: CaptureEvent, plan: EventPlan): void {
    event.thread = plan.def.id === PROCINFO ? this.#table.get(event.tid) : undefined;
    plan.meta?.(event, this.#table);
  }

  #enter(event: CaptureEvent, thread: ThreadState, plan: EventPlan): void {
    const { view } = event.params;
    thread.lastType = plan.def.id;
    thread.enterLo = view.getInt32(event.timeAt, true);
    thread.enterHi = view.getInt32(event.timeAt + 4, true);
    thread.lastFd = plan.usesFd ? event.params.i64(0, -1) : -1;
    event.paired = true;
  }

  /** What was left to do until everybody had seen the event. */
  #conclude(event: CaptureEvent): void {
    const { aftermath } = event;
    if (aftermath.fd !== NO_FD) aftermath.owner?.removeFd(aftermath.fd);
    if (aftermath.thread !== undefined && event.merged) removeThread(aftermath.thread, this.#table);
    else if (aftermath.thread !== undefined) this.#table.end(aftermath.thread);
    aftermath.fd = NO_FD;
    aftermath.owner = undefined;
    aftermath.thread = undefined;
    event.hasAftermath = false;
  }
}
