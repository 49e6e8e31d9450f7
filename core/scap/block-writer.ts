const encoder = new TextEncoder();
const START_BYTES = 64 * 1024;

/** Writes little-endian values into one growing buffer, block by block. */
export class BlockWriter {
  #bytes = new Uint8Array(START_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** Position of the next byte. */
  get length(): number {
    return this.#at;
  }

  /** What is written so far, in place: valid until the next write. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  /** Makes room before the buffer is looked at: it may be another one afterwards. */
  #room(length: number): number {
    const at = this.#at;
    const end = at + length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#at = end;
    return at;
  }

  u8(value: number): void {
    const at = this.#room(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.#room(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#room(4);
    this.#view.setUint32(at, value, true);
  }

  /** Signed or unsigned 64 bits. */
  u64(value: number | bigint): void {
    const at = this.#room(8);
    this.#view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), true);
  }

  raw(bytes: Uint8Array): void {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
  }

  zeros(length: number): void {
    const at = this.#room(length);
    this.#bytes.fill(0, at, at + length);
  }

  /** u16 length and UTF-8, cut to `bytesMax`. */
  text(text: string, bytesMax: number): void {
    const bytes = cutText(text, bytesMax);
    this.u16(bytes.length);
    this.raw(bytes);
  }

  /** u16 length and NUL-ended strings, cut to `bytesMax` together. */
  texts(list: readonly string[], bytesMax: number): void {
    const bytes = joinTexts(list, bytesMax);
    this.u16(bytes.length);
    this.raw(bytes);
  }

  /** Sets four bytes written before. */
  patchU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  patchU16(at: number, value: number): void {
    this.#view.setUint16(at, value, true);
  }

  /** Begins a block; give what it returns to `endBlock`. */
  beginBlock(type: number): number {
    const at = this.length;
    this.u32(type);
    this.u32(0);
    return at;
  }

  /** Pads the block to four bytes and states its length at both ends. */
  endBlock(at: number): void {
    this.zeros(-(this.length - at) & 3);
    const length = this.length + 4 - at;
    this.u32(length);
    this.patchU32(at + 4, length);
  }

  /** Forgets what stands from `length` on. */
  truncate(length: number): void {
    this.#at = Math.min(this.#at, length);
  }
}

/** UTF-8 of a text, cut before the character that would exceed `bytesMax`. */
export function cutText(text: string, bytesMax: number): Uint8Array {
  // A UTF-16 unit is at least one byte: what lies beyond cannot fit.
  const bytes = encoder.encode(text.length > bytesMax ? text.slice(0, bytesMax) : text);
  if (bytes.length <= bytesMax) return bytes;
  let end = bytesMax;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}

/** NUL-ended strings back to back. */
export function joinTexts(list: readonly string[], bytesMax: number): Uint8Array {
  return list.length === 0 ? new Uint8Array(0) : cutText(`${list.join('\0')}\0`, bytesMax);
}
