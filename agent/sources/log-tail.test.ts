import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LineSplitter, LOG_LINE_BYTES_MAX } from './line-splitter.ts';
import type { LogPosition } from './log-position.ts';
import { LogTail } from './log-tail.ts';

let dir: string;
let log: string;
let open: Reader[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tail-'));
  log = join(dir, 'audit.log');
});
afterEach(() => {
  for (const reader of open) reader.tail.close();
  open = [];
  rmSync(dir, { recursive: true });
});

/** Lines are numbered and long enough that no two files begin alike. */
const line = (n: number): string => `{"auditID":"${String(n).padStart(8, '0')}","pad":"${'x'.repeat(20)}"}`;
const write = (from: number, to: number): void => {
  for (let n = from; n <= to; n += 1) appendFileSync(log, `${line(n)}\n`);
};
const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n);

class Reader {
  readonly seen: number[] = [];
  position: LogPosition | undefined;
  oversized = 0;
  lost = 0;
  isDiskFull = false;
  readonly tail: LogTail;

  constructor(position?: LogPosition, pollMs = 5) {
    this.position = position;
    this.tail = new LogTail({
      path: log,
      position,
      pollMs,
      onLines: ({ lines, oversized }, next) => {
        if (this.isDiskFull) return false;
        for (const text of lines) this.seen.push(Number(/"(\d{8})"/.exec(text)?.[1] ?? -1));
        this.oversized += oversized;
        this.position = next;
        return true;
      },
      onLost: () => {
        this.lost += 1;
      },
      onError: (message) => {
        throw new Error(message);
      },
    });
    this.tail.start();
    open.push(this);
  }

  async sees(expected: readonly number[]): Promise<void> {
    await expect
      .poll(() => this.seen.length, { interval: 2, timeout: 30_000 })
      .toBeGreaterThanOrEqual(expected.length);
    expect(this.seen).toEqual(expected);
  }

  close(): LogPosition | undefined {
    this.tail.close();
    return this.position;
  }
}

describe('following', { timeout: 60_000 }, () => {
  it('waits for a log that is not there yet, and hands out complete lines only', async () => {
    const reader = new Reader();
    write(1, 2);
    appendFileSync(log, line(3).slice(0, 10));
    await reader.sees([1, 2]);
    appendFileSync(log, `${line(3).slice(10)}\n`);
    await reader.sees([1, 2, 3]);
  });

  it('reads every line once through repeated rename rotation', async () => {
    const reader = new Reader();
    for (let turn = 0; turn < 5; turn += 1) {
      write(turn * 10 + 1, turn * 10 + 10);
      await reader.sees(numbers(1, turn * 10 + 10));
      renameSync(log, join(dir, `audit-2026-11-21T07-00-0${turn}.log`));
    }
    write(51, 53);
    await reader.sees(numbers(1, 53));
    expect(reader.lost).toBe(0);
  });

  it('reads what was written to the old file before the new one had its first byte', async () => {
    const reader = new Reader();
    write(1, 3);
    await reader.sees([1, 2, 3]);
    const old = join(dir, 'audit-old.log');
    renameSync(log, old);
    writeFileSync(log, '');
    appendFileSync(old, `${line(4)}\n`);
    await reader.sees([1, 2, 3, 4]);
    write(5, 5);
    await reader.sees([1, 2, 3, 4, 5]);
  });

  it('goes on after copytruncate, taking the rest from the copy', async () => {
    write(1, 5);
    const first = new Reader();
    await first.sees(numbers(1, 5));
    const position = first.close();
    write(6, 8);
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
    write(9, 10);
    const second = new Reader(position);
    await second.sees([6, 7, 8, 9, 10]);
    expect(second.lost).toBe(0);
  });

  it('says that something may be lost when the log is truncated and no copy is left', async () => {
    const reader = new Reader();
    write(1, 5);
    await reader.sees(numbers(1, 5));
    truncateSync(log);
    write(6, 7);
    await reader.sees(numbers(1, 7));
    expect(reader.lost).toBe(1);
  });

  it('offers lines again until they are stored', async () => {
    const reader = new Reader();
    reader.isDiskFull = true;
    write(1, 3);
    await new Promise((resolve) => setImmediate(resolve));
    reader.isDiskFull = false;
    await reader.sees([1, 2, 3]);
  });
});

describe('restart', { timeout: 60_000 }, () => {
  it('goes on where it stopped', async () => {
    write(1, 3);
    const first = new Reader();
    await first.sees([1, 2, 3]);
    const position = first.close();
    write(4, 6);
    await new Reader(position).sees([4, 5, 6]);
  });

  it('finishes the rotated file, then those between, then the log', async () => {
    write(1, 3);
    const first = new Reader();
    await first.sees([1, 2, 3]);
    const position = first.close();
    write(4, 5);
    for (let turn = 0; turn < 3; turn += 1) {
      renameSync(log, join(dir, `audit-2026-11-21T07-00-0${turn}.log`));
      write(6 + turn, 6 + turn);
      // Files that a test writes within one tick of the kernel's clock have equal times.
      utimesSync(log, 2_000_000_000 + turn, 2_000_000_000 + turn);
    }
    const second = new Reader(position);
    await second.sees([4, 5, 6, 7, 8]);
    expect(second.lost).toBe(0);
  });

  it('says so when the rotated file is gone', async () => {
    write(1, 3);
    const first = new Reader();
    await first.sees([1, 2, 3]);
    const position = first.close();
    write(4, 5);
    unlinkSync(log);
    write(6, 7);
    const second = new Reader(position);
    await second.sees([6, 7]);
    expect(second.lost).toBe(1);
  });
});

describe('LineSplitter', () => {
  it('yields the same lines however the bytes are cut', { timeout: 60_000 }, () => {
    const text = fc.array(
      fc.string({ unit: 'binary', maxLength: 20 }).map((part) => part.replaceAll('\n', '')),
    );
    fc.assert(
      fc.property(text, fc.infiniteStream(fc.integer({ min: 1, max: 7 })), (parts, sizes) => {
        const bytes = Buffer.from(parts.map((part) => `${part}\n`).join(''));
        const splitter = new LineSplitter();
        const lines: string[] = [];
        let [at, consumed] = [0, 0];
        for (const size of sizes) {
          if (at >= bytes.length) break;
          const split = splitter.push(bytes.subarray(at, at + size));
          lines.push(...split.lines);
          consumed += split.consumed;
          at += size;
        }
        expect(lines).toEqual(
          parts.map((part) => Buffer.from(part).toString()).filter((part) => part !== ''),
        );
        expect(consumed).toBe(bytes.length);
      }),
    );
  });

  it('skips a line over the limit, keeps little of it, and goes on with the next', () => {
    const splitter = new LineSplitter();
    const chunk = Buffer.alloc(256 * 1024, 'a');
    let fed = 0;
    while (fed <= LOG_LINE_BYTES_MAX) {
      expect(splitter.push(chunk)).toEqual({ lines: [], oversized: 0, consumed: 0 });
      fed += chunk.length;
    }
    expect(splitter.push(Buffer.from('\nnext\n'))).toEqual({
      lines: ['next'],
      oversized: 1,
      consumed: fed + 6,
    });
  });
});
