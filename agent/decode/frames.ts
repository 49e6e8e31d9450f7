import { FRAME_BYTES_MAX, HEADER, MAGIC } from './layout.ts';

const LENGTH_BYTES = 4;
const MAGIC_END = LENGTH_BYTES + HEADER.magic + 4;

export type SplitCounters = { frames: number; oversize: number; skippedBytes: number };

/**
 * Splits the probe's output into frames; the payload handed out is valid until the call returns.
 * Shape: u32 length (LE), then the payload, which begins with the magic.
 * Errors: a length out of bounds or a wrong magic is counted and the reader moves on to the next place
 * where both fit. Holds at most one frame. Source: agent/probe/event.h.
 */
export class FrameSplitter {
  readonly counters: SplitCounters = { frames: 0, oversize: 0, skippedBytes: 0 };
  readonly #onFrame: (payload: Buffer) => void;
  #rest: Buffer = Buffer.alloc(0);
  #inSync = true;

  constructor(onFrame: (payload: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (data.length - at >= MAGIC_END) {
      const length = data.readUInt32LE(at);
      if (!plausible(data, at, length)) {
        if (this.#inSync) this.counters.oversize++;
        this.#inSync = false;
        this.counters.skippedBytes++;
        at++;
        continue;
      }
      const end = at + LENGTH_BYTES + length;
      if (end > data.length) break;
      this.#inSync = true;
      this.counters.frames++;
      this.#onFrame(data.subarray(at + LENGTH_BYTES, end));
      at = end;
    }
    // A copy, so that a few left-over bytes do not keep the whole chunk alive.
    this.#rest = at === data.length ? Buffer.alloc(0) : Buffer.from(data.subarray(at));
  }
}

function plausible(data: Buffer, at: number, length: number): boolean {
  return length >= HEADER.size && length <= FRAME_BYTES_MAX && data.readUInt32LE(at + LENGTH_BYTES) === MAGIC;
}
