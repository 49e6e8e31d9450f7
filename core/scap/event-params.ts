import { decodeStrings, knownCString } from './texts.ts';

/** Parameters of one event: no event of the table comes near it. */
export const PARAMS_MAX = 64;

/** Signed 64 bits as a number. */
export function readI64(view: DataView, at: number): number {
  const high = view.getInt32(at + 4, true);
  const low = view.getInt32(at, true);
  // Small integers stay what they are; most of what is read here is one.
  return high === low >> 31 ? low : high * 4_294_967_296 + (low >>> 0);
}

/**
 * The parameters of one event, read in place: valid until the window moves on. A parameter may be absent
 * (the capture is older than the table) or empty.
 */
export class EventParams {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  count = 0;
  /** Start of each value, and the end of the last one. */
  readonly offsets = new Int32Array(PARAMS_MAX + 1);

  start(at: number): number {
    return this.offsets[at] ?? 0;
  }

  /** Length of a value; -1 when the event has no such parameter. */
  length(at: number): number {
    if (at < 0 || at >= this.count) return -1;
    return (this.offsets[at + 1] ?? 0) - (this.offsets[at] ?? 0);
  }

  /** Signed 64 bits as a number; `missing` when absent or shorter. */
  i64(at: number, missing: number): number {
    if (this.length(at) < 8) return missing;
    return readI64(this.view, this.start(at));
  }

  u64(at: number): bigint {
    return this.length(at) < 8 ? 0n : this.view.getBigUint64(this.start(at), true);
  }

  u32(at: number, missing = 0): number {
    return this.length(at) < 4 ? missing : this.view.getUint32(this.start(at), true);
  }

  i32(at: number, missing = 0): number {
    return this.length(at) < 4 ? missing : this.view.getInt32(this.start(at), true);
  }

  u16(at: number, missing = 0): number {
    return this.length(at) < 2 ? missing : this.view.getUint16(this.start(at), true);
  }

  u8(at: number, missing = 0): number {
    return this.length(at) < 1 ? missing : (this.bytes[this.start(at)] ?? missing);
  }

  /** Text up to the first NUL; empty when absent. */
  text(at: number): string {
    return this.length(at) <= 0
      ? ''
      : knownCString(this.bytes, this.view, this.start(at), this.start(at + 1));
  }

  /** NUL-separated strings. */
  texts(at: number): string[] {
    return this.length(at) <= 0 ? [] : decodeStrings(this.bytes, this.start(at), this.start(at + 1));
  }

  /** The value's bytes in place; empty when absent. */
  raw(at: number): Uint8Array {
    return this.length(at) <= 0 ? EMPTY : this.bytes.subarray(this.start(at), this.start(at + 1));
  }

  /** Keeps a copy of another event's parameters beyond its lifetime. */
  copyFrom(other: EventParams): void {
    this.count = other.count;
    if (other.count === 0) return;
    const from = other.start(0);
    const length = other.start(other.count) - from;
    if (this.bytes.length < length) {
      this.bytes = new Uint8Array((length + 63) & ~63);
      this.view = new DataView(this.bytes.buffer);
    }
    const { bytes } = this;
    if (length > 128) bytes.set(other.bytes.subarray(from, from + length));
    // Short ones are copied faster by hand than through a view made for the purpose.
    else for (let i = 0; i < length; i++) bytes[i] = other.bytes[from + i] ?? 0;
    for (let i = 0; i <= other.count; i++) this.offsets[i] = other.start(i) - from;
  }
}

const EMPTY = new Uint8Array(0);
