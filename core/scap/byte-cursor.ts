import { CaptureError } from './capture-error.ts';
import { decodeStrings, decodeText } from './texts.ts';

/** Longest path or name in a list. Source: libscap SCAP_MAX_PATH_SIZE. */
const TEXT_BYTES_MAX = 1_024;

/** Reads little-endian values of one block in order; every read beyond the block is a CaptureError. */
export class ByteCursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #fileOffset: number;
  at: number;
  end: number;

  /** `fileOffset`: where byte 0 of `bytes` lies in the file. */
  constructor(bytes: Uint8Array, at: number, end: number, fileOffset: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#fileOffset = fileOffset;
    this.at = at;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  fail(message: string, at = this.at): never {
    throw new CaptureError(message, this.#fileOffset + at);
  }

  #take(length: number): number {
    if (length > this.end - this.at) this.fail(`block ends inside a value of ${length} bytes`);
    const at = this.at;
    this.at += length;
    return at;
  }

  skip(length: number): void {
    this.#take(length);
  }

  u8(): number {
    return this.#bytes[this.#take(1)] ?? 0;
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  /** Signed 64 bits as a number: ids and descriptors, which are small. */
  i64(): number {
    const at = this.#take(8);
    return this.#view.getInt32(at + 4, true) * 4_294_967_296 + this.#view.getUint32(at, true);
  }

  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** u16 length and bytes; none of what is beyond `bytesMax`. */
  text(bytesMax = TEXT_BYTES_MAX): string {
    const length = this.u16();
    const at = this.#take(length);
    return decodeText(this.#bytes, at, at + Math.min(length, bytesMax));
  }

  /** u16 length and NUL-separated strings. */
  texts(): string[] {
    const length = this.u16();
    const at = this.#take(length);
    return decodeStrings(this.#bytes, at, at + length);
  }

  /** Narrows the cursor to an entry of `length` bytes; gives the end of the whole. */
  enter(length: number): number {
    if (length > this.left) this.fail(`entry of ${length} bytes in a block with ${this.left} left`);
    const outer = this.end;
    this.end = this.at + length;
    return outer;
  }

  /** Leaves an entry, skipping what newer versions appended to it. */
  leave(outer: number): void {
    this.at = this.end;
    this.end = outer;
  }
}
