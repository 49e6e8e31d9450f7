import * as block from './block-types.ts';
import { BlockWriter } from './block-writer.ts';
import {
  type FdEntry,
  type InterfaceEntry,
  type MachineInfo,
  type ProcessEntry,
  type UserEntry,
  writeEntry,
  writeFd,
  writeInterface,
  writeMachine,
  writeProcess,
  writeUser,
} from './capture-writer-lists.ts';
import { type ParamInput, writeParam } from './capture-writer-params.ts';
import { eventDefs, LARGE_PAYLOAD } from './event-defs.ts';

export type CaptureWriterOptions = {
  /** Takes each whole block; valid during the call only. */
  readonly sink: (bytes: Uint8Array) => void;
  /** Bytes of the file before compression; what does not fit is refused whole. */
  readonly bytesMax?: number;
  /** Events by the table of exit-only captures; else by the one with enter and exit events. */
  readonly exitOnly?: boolean;
};

export type EventInput = {
  /** Id in the event table. */
  readonly type: number;
  readonly timeNs: bigint;
  readonly tid: number;
  readonly cpu?: number;
  /** In the table's order; missing ones at the end are absent, as in captures of older versions. */
  readonly params: readonly ParamInput[];
  /** For the state alone: readers do not show the event. */
  readonly stateOnly?: boolean;
};

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const VERSION_MAJOR = 1;
const VERSION_MINOR = 2;
/** Lengths of values are 16 bits wide, and sysdig reads events up to 64 KiB. */
const VALUE_BYTES_MAX = 0xffff;
const EVENT_BYTES_MAX = 65_000;
/** Entries beyond this begin another block of the list: readers bound the length of one. */
const LIST_BLOCK_BYTES = 16 * 1024 * 1024;

/** Section header of the version this product writes. */
export function sectionBlock(major = VERSION_MAJOR, minor = VERSION_MINOR): Uint8Array {
  const out = new BlockWriter();
  const at = out.beginBlock(block.SECTION);
  out.u32(BYTE_ORDER_MAGIC);
  out.u16(major);
  out.u16(minor);
  // The section's length is not known beforehand.
  out.u64(-1);
  out.endBlock(at);
  return out.bytes;
}

/**
 * Writes a capture of format 1.2: first what is there when it begins, then events. Everything returns whether
 * it was written; the first refusal closes the file at a block's end, where `full` says so.
 */
export class CaptureWriter {
  readonly #sink: (bytes: Uint8Array) => void;
  readonly #bytesMax: number;
  readonly #defs: ReturnType<typeof eventDefs>;
  readonly #out = new BlockWriter();
  #written = 0;
  #full = false;

  constructor({ sink, bytesMax = Number.POSITIVE_INFINITY, exitOnly = false }: CaptureWriterOptions) {
    this.#sink = sink;
    this.#bytesMax = bytesMax;
    this.#defs = eventDefs(exitOnly);
    this.#put(sectionBlock());
  }

  /** Bytes of all blocks so far. */
  get bytes(): number {
    return this.#written;
  }

  /** The limit is reached: nothing more is written. */
  get full(): boolean {
    return this.#full;
  }

  machine(info: MachineInfo): boolean {
    return this.#block(block.MACHINE_INFO, () => writeMachine(this.#out, info));
  }

  interfaces(list: readonly InterfaceEntry[]): boolean {
    return this.#list(block.INTERFACES_V2, list, (entry) => writeInterface(this.#out, entry));
  }

  users(list: readonly UserEntry[]): boolean {
    return this.#entries(block.USERS_V2, list, (entry) => writeUser(this.#out, entry));
  }

  processes(list: readonly ProcessEntry[]): boolean {
    return this.#entries(block.PROCESS_LIST_V9, list, (entry) => writeProcess(this.#out, entry));
  }

  /** Descriptors of a thread that the process list has; threads sharing them need no list of their own. */
  fds(tid: number, list: readonly FdEntry[]): boolean {
    const head = () => this.#out.u64(tid);
    return this.#entries(block.FD_LIST_V2, list, (entry) => writeFd(this.#out, entry), head);
  }

  /** Errors: TypeError for a type that the table lacks, or a value that cannot be of its parameter's type. */
  event(event: EventInput): boolean {
    const def = this.#defs[event.type];
    if (def === undefined) throw new TypeError(`no event has the type ${event.type}`);
    if (event.params.length > def.params.length) {
      throw new TypeError(`${def.name} has ${def.params.length} parameters, not ${event.params.length}`);
    }
    const large = (def.flags & LARGE_PAYLOAD) !== 0;
    const plain = large ? block.EVENT_V2_LARGE : block.EVENT_V2;
    const flagged = large ? block.EVENT_FLAGS_V2_LARGE : block.EVENT_FLAGS_V2;
    return this.#block(event.stateOnly ? flagged : plain, () => {
      const out = this.#out;
      out.u16(event.cpu ?? 0);
      if (event.stateOnly) out.u32(block.STATE_ONLY);
      const head = out.length;
      out.u64(event.timeNs);
      out.u64(event.tid);
      out.u32(0);
      out.u16(event.type);
      out.u32(event.params.length);
      const lengthsAt = out.length;
      const lengthSize = large ? 4 : 2;
      out.zeros(event.params.length * lengthSize);
      event.params.forEach((value, i) => {
        const param = def.params[i];
        if (param === undefined) return;
        const from = out.length;
        const left = Math.max(1, EVENT_BYTES_MAX - (from - head));
        writeParam(out, param, value, Math.min(VALUE_BYTES_MAX, left));
        if (large) out.patchU32(lengthsAt + 4 * i, out.length - from);
        else out.patchU16(lengthsAt + 2 * i, out.length - from);
      });
      out.patchU32(head + 16, out.length - head);
    });
  }

  #entries<T>(type: number, list: readonly T[], write: (entry: T) => void, head?: () => void): boolean {
    return this.#list(type, list, (entry) => writeEntry(this.#out, () => write(entry)), head);
  }

  #list<T>(type: number, list: readonly T[], write: (entry: T) => void, head?: () => void): boolean {
    let next = 0;
    do {
      const whole = this.#block(type, () => {
        const from = this.#out.length;
        head?.();
        for (; next < list.length && this.#out.length - from < LIST_BLOCK_BYTES; next++) {
          const entry = list[next];
          if (entry !== undefined) write(entry);
        }
      });
      if (!whole) return false;
    } while (next < list.length);
    return true;
  }

  #block(type: number, write: () => void): boolean {
    const out = this.#out;
    out.truncate(0);
    const at = out.beginBlock(type);
    write();
    out.endBlock(at);
    return this.#put(out.bytes);
  }

  #put(bytes: Uint8Array): boolean {
    this.#full ||= this.#written + bytes.length > this.#bytesMax;
    if (this.#full) return false;
    this.#written += bytes.length;
    this.#sink(bytes);
    return true;
  }
}
