import * as block from './block-types.ts';
import { ByteCursor } from './byte-cursor.ts';
import { CaptureError } from './capture-error.ts';
import { CaptureEvent, NO_FD } from './capture-event.ts';
import {
  type EventDef,
  eventDefs,
  LARGE_PAYLOAD,
  MODIFIES_STATE,
  SKIPS_PARSER,
  USES_FD,
} from './event-defs.ts';
import { PARAMS_MAX } from './event-params.ts';
import { ExitOnlyConverter } from './exit-only-convert.ts';
import { cloneExit as exitOnlyClone, placeholder } from './exit-only-processes.ts';
import { relateAll, removeThread } from './exit-only-threads.ts';
import { readFdList, settleRoles } from './fd-list.ts';
import { readProcessList } from './process-list.ts';
import { stateHandlers } from './state-handlers.ts';
import { INITIAL_EVENTS, META_HANDLERS } from './state-meta.ts';
import { CLONE_EXITS, cloneExit } from './state-processes.ts';
import { ThreadTable } from './thread-table.ts';
import { readUserList } from './user-list.ts';

export type { CaptureEvent } from './capture-event.ts';

export type CaptureWarning = { readonly offset: number; readonly message: string };

export type CaptureOptions = {
  /** Events as Falco 0.44 sees them: exit events only, carrying the parameters of their enter events. */
  readonly exitOnly?: boolean;
  /** Deliver events of internal categories too (procinfo, drop …). */
  readonly showInternal?: boolean;
  readonly onWarning?: (warning: CaptureWarning) => void;
};

/**
 * Sees every event. `false` says that a filter refuses the event: sysdig's state then keeps what it would
 * forget after an event that is shown, and counts of single filters depend on it.
 */
type OnEvent = (event: CaptureEvent) => unknown;

const BLOCK_HEADER = 8;
const BLOCK_TRAILER = 4;
const BLOCK_MIN = BLOCK_HEADER + BLOCK_TRAILER;
const BUFFER_MIN = 1024 * 1024;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const SWAPPED_MAGIC = 0x4d3c2b1a;
const SWITCH = 152;
const PROCINFO = 234;
const PROCEXIT = 186;

/**
 * Reads a capture (uncompressed bytes, in chunks of any size) and delivers its events with the state of
 * threads and descriptors rebuilt. Errors: CaptureError with the byte offset for a file that lies.
 */
export class CaptureReader {
  readonly #options: CaptureOptions;
  readonly #defs: readonly (EventDef | undefined)[];
  readonly #event: CaptureEvent;
  readonly #converter: ExitOnlyConverter | undefined;
  readonly #handlers: ReturnType<typeof stateHandlers>;
  readonly #table = new ThreadTable();
  #buffer = new Uint8Array(BUFFER_MIN);
  #view = new DataView(this.#buffer.buffer);
  /** Bytes of the buffer in use. */
  #filled = 0;
  /** File offset of the buffer's first byte. */
  #base = 0;
  #inSection = false;
  /** Relations between the lists are worked out. */
  #settled = false;
  /** Nothing but the state of the beginning has come yet. */
  #initial = true;
  #count = 0;

  constructor(options: CaptureOptions) {
    this.#options = options;
    const exitOnly = options.exitOnly ?? false;
    this.#defs = eventDefs(exitOnly);
    this.#converter = exitOnly ? new ExitOnlyConverter() : undefined;
    this.#handlers = stateHandlers(exitOnly);
    this.#table.falcoUsers = exitOnly;
    this.#event = new CaptureEvent(exitOnly, this.#table);
    this.#adoptBuffer();
  }

  /** Events of the file so far, hidden ones too. */
  get events(): number {
    return this.#count;
  }

  push(chunk: Uint8Array, onEvent: OnEvent): void {
    let taken = 0;
    while (taken < chunk.length) {
      const room = Math.min(this.#buffer.length - this.#filled, chunk.length - taken);
      this.#buffer.set(chunk.subarray(taken, taken + room), this.#filled);
      this.#filled += room;
      taken += room;
      this.#drain(onEvent);
    }
  }

  end(_onEvent: OnEvent): void {
    if (!this.#inSection && this.#filled < BLOCK_MIN) throw new CaptureError('not a capture: too short', 0);
    if (this.#filled > 0) {
      this.#warn(this.#base, `the file is truncated: it ends ${this.#filled} bytes into a block`);
    }
  }

  #warn(offset: number, message: string): void {
    this.#options.onWarning?.({ offset, message });
  }

  #adoptBuffer(): void {
    this.#view = new DataView(this.#buffer.buffer);
    this.#event.params.bytes = this.#buffer;
    this.#event.params.view = this.#view;
  }

  /** Handles every whole block in the buffer and moves the rest to its front. */
  #drain(onEvent: OnEvent): void {
    const view = this.#view;
    let at = 0;
    let needed = 0;
    while (this.#filled - at >= BLOCK_HEADER) {
      const type = view.getUint32(at, true);
      const length = view.getUint32(at + 4, true);
      if (!this.#inSection) this.#expectSection(type, at);
      if (length < BLOCK_MIN || length > block.BLOCK_MAX) {
        throw new CaptureError(
          `block of type 0x${type.toString(16)} claims ${length} bytes`,
          this.#base + at,
        );
      }
      if (length > this.#filled - at) {
        needed = length;
        break;
      }
      if (view.getUint32(at + length - BLOCK_TRAILER, true) !== length) {
        throw new CaptureError('the two lengths of a block differ', this.#base + at);
      }
      if (type >= block.EVENT_V2 && type <= block.EVENT_FLAGS_V2) {
        this.#eventBlock(at, length, type === block.EVENT_FLAGS_V2, 4, 2, onEvent);
      } else this.#otherBlock(type, at, length, onEvent);
      at += length;
    }
    this.#buffer.copyWithin(0, at, this.#filled);
    this.#filled -= at;
    this.#base += at;
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(needed);
      larger.set(this.#buffer.subarray(0, this.#filled));
      this.#buffer = larger;
      this.#adoptBuffer();
    }
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
    else if (type === block.SECTION) this.#section(at, length);
    else this.#listBlock(type, this.#cursor(at, length));
  }

  /** What was there when the capture began. */
  #listBlock(type: number, cursor: ByteCursor): void {
    this.#settled = false;
    const version = block.PROCESS_LIST_VERSIONS.get(type);
    if (version !== undefined) readProcessList(cursor, version, this.#table);
    else if (type === block.FD_LIST) readFdList(cursor, 1, this.#table);
    else if (type === block.FD_LIST_V2) readFdList(cursor, 2, this.#table);
    else if (type === block.INTERFACES) this.#table.interfaces.read(cursor, 1);
    else if (type === block.INTERFACES_V2) this.#table.interfaces.read(cursor, 2);
    else if (type === block.USERS) readUserList(cursor, 1, this.#table);
    else if (type === block.USERS_V2) readUserList(cursor, 2, this.#table);
    else if (type === block.MACHINE_INFO) this.#machineInfo(cursor);
  }

  #machineInfo(cursor: ByteCursor): void {
    cursor.skip(4 + 8 + 8 + 128);
    this.#table.bootTimeNs = cursor.u64();
  }

  #settle(): void {
    settleRoles(this.#table);
    this.#table.relateAll();
    if (this.#converter !== undefined) relateAll(this.#table);
    this.#settled = true;
  }

  #cursor(at: number, length: number): ByteCursor {
    return new ByteCursor(this.#buffer, at + BLOCK_HEADER, at + length - BLOCK_TRAILER, this.#base);
  }

  #section(at: number, length: number): void {
    const cursor = this.#cursor(at, length);
    const magic = cursor.u32();
    if (magic === SWAPPED_MAGIC) cursor.fail('captures of big-endian machines are not supported', at);
    if (magic !== BYTE_ORDER_MAGIC) cursor.fail('not a capture: wrong magic number', at);
    const major = cursor.u16();
    const minor = cursor.u16();
    if (major !== 1) cursor.fail(`format version ${major}.${minor} is not supported`, at);
    this.#inSection = true;
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
    let def = this.#defs[view.getUint16(head + 20, true)];
    if (def === undefined) return;
    const event = this.#event;
    if (!this.#settled) this.#settle();
    if (event.hasAftermath) this.#conclude(event);
    this.#count++;
    event.evtNum = this.#count;
    event.def = def;
    event.cpu = view.getUint16(at + 8, true);
    event.timeAt = head;
    event.tid = view.getInt32(head + 12, true) * 4_294_967_296 + view.getUint32(head + 8, true);
    const size = (def.flags & LARGE_PAYLOAD) !== 0 ? 4 : lengthSize;
    if (nparamsLength === 0) this.#oldParams(head, end, def);
    else this.#params(head + 26, end, view.getUint32(head + 22, true), size);
    if (this.#converter !== undefined) def = this.#converter.convert(event, this.#buffer, view);
    event.reset();
    if (this.#count === 1) event.firstTimeNs = event.timeNs;
    this.#track(event, def);
    if (this.#initial) {
      if (INITIAL_EVENTS.has(def.id)) return;
      this.#initial = false;
    }
    if (flagged && (view.getUint32(at + 10, true) & block.STATE_ONLY) !== 0) return;
    if (def.category === 'internal' && this.#options.showInternal !== true) return;
    if (event.merged && def.dir === '>' && this.#hasExit(def)) return;
    const refused = onEvent(event) === false && !event.merged;
    const { thread } = event;
    if (thread === undefined) return;
    if (!refused) {
      if (def.dir === '<') thread.enterType = -1;
    } else if ((def.flags & (MODIFIES_STATE | SKIPS_PARSER)) === 0 && def.id !== SWITCH) thread.lastType = -1;
  }

  /** Exit events follow their enter events in the table; procexit, switch and their like have none. */
  #hasExit(def: EventDef): boolean {
    const next = this.#defs[def.id + 1];
    return next?.dir === '<' && next.name === def.name;
  }

  /** Brings state up to date with the event. */
  #track(event: CaptureEvent, def: EventDef): void {
    const { id, flags } = def;
    const table = this.#table;
    if ((flags & SKIPS_PARSER) !== 0 || META_HANDLERS.has(id)) {
      event.thread = id === PROCINFO ? table.get(event.tid) : undefined;
      META_HANDLERS.get(id)?.(event, table);
      return;
    }
    let thread = table.get(event.tid);
    if (CLONE_EXITS.has(id)) {
      event.thread = thread;
      event.paired = thread !== undefined && thread.lastType === id - 1;
      if (event.merged) exitOnlyClone(event, table);
      else cloneExit(event, table);
      return;
    }
    if (thread === undefined && id !== SWITCH) {
      if (!event.merged) thread = table.unknown(event.tid);
      else if (id !== PROCEXIT) thread = placeholder(event.tid, table);
    }
    event.thread = thread;
    if (thread === undefined) return;
    if (id === SWITCH) event.paired = false;
    else if (def.dir === '>') {
      thread.lastType = id;
      thread.enterLo = event.params.view.getUint32(event.timeAt, true);
      thread.enterHi = event.params.view.getUint32(event.timeAt + 4, true);
      thread.lastFd = (flags & USES_FD) !== 0 ? event.params.i64(0, -1) : -1;
      event.paired = true;
    } else if (event.merged) {
      thread.lastFd = def.fdAt < 0 ? -1 : event.params.i64(def.fdAt, -1);
      event.paired = true;
    } else event.paired = thread.lastType === id - 1;
    this.#handlers[id]?.(event, thread, table);
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

  /** Finds where each value begins. Values beyond the event are a lie. */
  #params(lengthsAt: number, end: number, count: number, size: number): void {
    const params = this.#event.params;
    const { offsets } = params;
    if (count > PARAMS_MAX || lengthsAt + count * size > end) {
      throw new CaptureError(`event with ${count} parameters`, this.#base + lengthsAt);
    }
    let value = lengthsAt + count * size;
    for (let i = 0; i < count; i++) {
      offsets[i] = value;
      value +=
        size === 2
          ? this.#view.getUint16(lengthsAt + i * 2, true)
          : this.#view.getUint32(lengthsAt + i * 4, true);
    }
    offsets[count] = value;
    if (value > end) throw new CaptureError('parameters exceed their event', this.#base + lengthsAt);
    params.count = count;
    params.def = this.#event.def;
  }

  /** First format: the count follows from the event's own length. */
  #oldParams(head: number, end: number, def: EventDef): void {
    const length = this.#view.getUint32(head + 16, true);
    for (let count = def.params.length; count >= 0; count--) {
      const lengthsAt = head + 22;
      let sum = 22 + 2 * count;
      if (lengthsAt + 2 * count > end) continue;
      for (let i = 0; i < count; i++) sum += this.#view.getUint16(lengthsAt + 2 * i, true);
      if (sum !== length) continue;
      this.#params(lengthsAt, end, count, 2);
      return;
    }
    throw new CaptureError('the lengths of the parameters do not add up', this.#base + head);
  }
}
