/** Bytes of one log line at most; the API server writes up to about 1.5 MiB at level RequestResponse. */
export const LOG_LINE_BYTES_MAX = 2 * 1024 * 1024;

export type SplitLines = {
  readonly lines: readonly string[];
  /** Lines over the limit that ended in this chunk. */
  readonly oversized: number;
  /** Bytes up to and including the last newline, counted from the end of the previous complete line. */
  readonly consumed: number;
};

const NEWLINE = 0x0a;

/** Cuts chunks of a file into lines and keeps the unfinished one; a line over the limit is skipped whole. */
export class LineSplitter {
  #parts: Buffer[] = [];
  #pendingBytes = 0;

  /** Bytes read beyond the last complete line. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  push(chunk: Buffer): SplitLines {
    const lines: string[] = [];
    let oversized = 0;
    let consumed = 0;
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      if (this.#pendingBytes > LOG_LINE_BYTES_MAX) oversized += 1;
      else if (this.#pendingBytes > 0) lines.push(Buffer.concat(this.#parts).toString());
      consumed += this.#pendingBytes + 1;
      this.clear();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
    return { lines, oversized, consumed };
  }

  /** The unfinished line of a file that nobody writes any more. */
  flush(): SplitLines {
    const consumed = this.#pendingBytes;
    const isOversized = consumed > LOG_LINE_BYTES_MAX;
    const lines = isOversized || consumed === 0 ? [] : [Buffer.concat(this.#parts).toString()];
    this.clear();
    return { lines, oversized: isOversized ? 1 : 0, consumed };
  }

  clear(): void {
    this.#parts = [];
    this.#pendingBytes = 0;
  }

  #keep(part: Buffer): void {
    this.#pendingBytes += part.length;
    // Beyond the limit only the length matters.
    if (this.#pendingBytes > LOG_LINE_BYTES_MAX) this.#parts = [];
    else if (part.length > 0) this.#parts.push(Buffer.from(part));
  }
}
