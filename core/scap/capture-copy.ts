import * as block from './block-types.ts';
import { BlockWriter } from './block-writer.ts';
import { type CaptureEvent, CaptureReader, type CaptureWarning } from './capture-reader.ts';
import { sectionBlock } from './capture-writer.ts';
import {
  CREATES_FD,
  DESTROYS_FD,
  type EventDef,
  eventDefs,
  MODIFIES_STATE,
  SKIPS_PARSER,
} from './event-defs.ts';
import { INITIAL_EVENTS, META_HANDLERS } from './state-meta.ts';

export type CopyOptions = {
  /** Which events are shown in the copy; left out, everything is copied as it is. */
  readonly accepts: ((event: CaptureEvent) => boolean) | undefined;
  /** Takes the blocks of the copy; valid during the call only. */
  readonly sink: (bytes: Uint8Array) => void;
  readonly onWarning?: (warning: CaptureWarning) => void;
};

const CARRIES_STATE = MODIFIES_STATE | CREATES_FD | DESTROYS_FD;
/** Happens between the enter and the exit event of a call. */
const SWITCH = 152;
const BLOCK_HEADER = 8;
/** Enter events waiting for their exits; beyond it the oldest of them are forgotten. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;
/** Where an event's header begins in its block, plain and with flags. */
const HEAD = 10;
const FLAGGED_HEAD = 14;
const FLAGGED: ReadonlyMap<number, number> = new Map([
  [block.EVENT, block.EVENT_FLAGS],
  [block.EVENT_V2, block.EVENT_FLAGS_V2],
  [block.EVENT_V2_LARGE, block.EVENT_FLAGS_V2_LARGE],
]);
const FLAGGED_TYPES: ReadonlySet<number> = new Set(FLAGGED.values());

/**
 * Copies a capture restricted to the events that a filter accepts. What the accepted ones need stays as
 * state-only events: changes of threads and descriptors, and the enter events of accepted exits.
 */
export class CaptureCopier {
  readonly #accepts: CopyOptions['accepts'];
  readonly #sink: (bytes: Uint8Array) => void;
  readonly #reader: CaptureReader;
  readonly #defs = eventDefs(false);
  readonly #out = new BlockWriter();
  /** By thread: its last enter event, refused and carrying no state. */
  readonly #waiting = new Map<bigint, Uint8Array>();
  #waitingBytes = 0;
  /** Of the event in the block at hand; undefined when the reader has not shown it. */
  #accepted: boolean | undefined = undefined;
  #shown = 0;

  constructor({ accepts, sink, onWarning }: CopyOptions) {
    this.#accepts = accepts;
    this.#sink = sink;
    this.#reader = new CaptureReader({
      showInternal: true,
      onBlock: (bytes) => this.#block(bytes),
      ...(onWarning && { onWarning }),
    });
  }

  /** Events read and events that the copy shows. */
  get counts(): { readonly events: number; readonly shown: number } {
    return { events: this.#reader.events, shown: this.#shown };
  }

  push(chunk: Uint8Array): void {
    this.#reader.push(chunk, this.#onEvent);
  }

  end(): void {
    this.#reader.end(this.#onEvent);
  }

  readonly #onEvent = (event: CaptureEvent): boolean => {
    this.#accepted = this.#accepts?.(event) ?? true;
    if (this.#accepted) this.#shown++;
    return this.#accepted;
  };

  #block(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const type = block.officialType(view.getUint32(0, true));
    if (type === block.SECTION) {
      // Its options go: sysdig 0.29.3 takes them for the next block.
      this.#sink(sectionBlock(view.getUint16(12, true), view.getUint16(14, true)));
    } else if (this.#accepts === undefined || !isEvent(type)) this.#sink(bytes);
    else this.#event(type, bytes, view);
    this.#accepted = undefined;
  }

  #event(type: number, bytes: Uint8Array, view: DataView): void {
    const head = FLAGGED_TYPES.has(type) ? FLAGGED_HEAD : HEAD;
    const def = this.#defs[view.getUint16(head + 20, true)];
    if (def === undefined) return;
    const tid = view.getBigUint64(head + 8, true);
    const stateOnly = head === FLAGGED_HEAD && (view.getUint32(HEAD, true) & block.STATE_ONLY) !== 0;
    const kept = this.#accepted === true || stateOnly || carriesState(def);
    const paired = (def.flags & SKIPS_PARSER) === 0 && def.id !== SWITCH;
    if (!kept && paired && def.dir === '>') {
      this.#wait(tid, bytes);
      return;
    }
    const entered = paired ? this.#forget(tid) : undefined;
    if (!kept) return;
    if (entered !== undefined && def.dir === '<') this.#stateOnly(entered);
    // What the reader has not shown nobody sees in the copy either.
    if (
      this.#accepted === true ||
      stateOnly ||
      (this.#accepted === undefined && INITIAL_EVENTS.has(def.id))
    ) {
      this.#sink(bytes);
    } else this.#stateOnly(bytes);
  }

  #wait(tid: bigint, bytes: Uint8Array): void {
    this.#forget(tid);
    this.#waiting.set(tid, bytes.slice());
    this.#waitingBytes += bytes.length;
    for (const oldest of this.#waiting.keys()) {
      if (this.#waitingBytes <= WAITING_BYTES_MAX) break;
      this.#forget(oldest);
    }
  }

  #forget(tid: bigint): Uint8Array | undefined {
    const bytes = this.#waiting.get(tid);
    if (bytes === undefined) return undefined;
    this.#waiting.delete(tid);
    this.#waitingBytes -= bytes.length;
    return bytes;
  }

  /** Writes an event with the flag that hides it. */
  #stateOnly(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const type = block.officialType(view.getUint32(0, true));
    const out = this.#out;
    out.truncate(0);
    const at = out.beginBlock(FLAGGED.get(type) ?? type);
    out.raw(bytes.subarray(BLOCK_HEADER, HEAD));
    out.u32(block.STATE_ONLY);
    out.raw(bytes.subarray(FLAGGED_TYPES.has(type) ? FLAGGED_HEAD : HEAD, -4));
    out.endBlock(at);
    this.#sink(out.bytes);
  }
}

function isEvent(type: number): boolean {
  return FLAGGED.has(type) || FLAGGED_TYPES.has(type);
}

function carriesState({ id, flags }: EventDef): boolean {
  return (flags & CARRIES_STATE) !== 0 || META_HANDLERS.has(id);
}
