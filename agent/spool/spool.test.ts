import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventRecord } from '../../core/events/event.ts';
import { ingestItemSchema } from '../../core/wire/ingest.ts';
import { halveBatch } from './batch-reader.ts';
import { eventLine } from './item.ts';
import { Spool, type SpoolOptions } from './spool.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'spool-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const open = (options: Partial<SpoolOptions> = {}): Spool =>
  new Spool({ dir: join(root, 's'), fsync: { kind: 'never' }, bootId: 'boot', ...options });

const record = (n: number, extra: Partial<EventRecord> = {}): EventRecord => ({
  timeNs: String(1_000 + n),
  source: 'syscall',
  type: 'openat',
  categories: ['file'],
  outcome: 'ok',
  priority: 6,
  summary: `event ${n}`,
  enrichment: 'none',
  fields: {},
  ...extra,
});
const line = (n: number, extra: Partial<EventRecord> = {}): string => eventLine(record(n, extra));

type Item = {
  k: string;
  timeNs?: string;
  output?: string;
  summary?: string;
  cause?: string;
  source?: string;
  count?: number;
  seq: number;
};

/** Property tests write real files; a busy machine takes its time. */
const SLOW = { timeout: 60_000 };

/** Everything the spool would send, in order, with sequence numbers. */
function drain(spool: Spool, bytesMax = 4_000_000): Item[] {
  const items: Item[] = [];
  let after = spool.acked;
  for (;;) {
    const batch = spool.read(after, bytesMax);
    if (batch === undefined) return items;
    const lines = batch.lines.toString().trimEnd().split('\n');
    expect(lines).toHaveLength(batch.count);
    for (const [index, text] of lines.entries())
      items.push({ ...JSON.parse(text), seq: batch.firstSeq + index });
    after = { epoch: batch.epoch, seq: batch.firstSeq + batch.count - 1 };
  }
}
const summaries = (items: readonly Item[]): (string | undefined)[] =>
  items.filter(({ k }) => k === 'event').map(({ summary }) => summary);
const segmentFiles = (): string[] =>
  readdirSync(join(root, 's'))
    .filter((name) => name.endsWith('.seg'))
    .sort()
    .map((name) => join(root, 's', name));

describe('order and numbers', () => {
  it('numbers items from 1 without holes, across restarts and segments', () => {
    for (let run = 0; run < 3; run += 1) {
      const spool = open({ segmentBytes: 2_000 });
      for (let n = 0; n < 50; n += 1) {
        spool.append(line(run * 50 + n));
        if (n % 7 === 0) spool.flush();
      }
      spool.close();
    }
    const items = drain(open({ segmentBytes: 2_000 }), 900);
    expect(items.map(({ seq }) => seq)).toEqual(Array.from({ length: 150 }, (_, n) => n + 1));
    expect(summaries(items)).toEqual(Array.from({ length: 150 }, (_, n) => `event ${n}`));
  });

  it('goes on in the middle of a frame after an ack', () => {
    const spool = open();
    for (let n = 0; n < 10; n += 1) spool.append(line(n));
    spool.flush();
    spool.ack(spool.state.epoch, 4);
    expect(drain(spool).map(({ seq }) => seq)).toEqual([5, 6, 7, 8, 9, 10]);
  });

  it('deletes whole segments once they are acked, never the one being written', () => {
    const spool = open({ segmentBytes: 500 });
    for (let n = 0; n < 20; n += 1) {
      spool.append(line(n));
      spool.flush();
    }
    const before = segmentFiles().length;
    spool.ack(spool.state.epoch, 20);
    expect(before).toBeGreaterThan(5);
    expect(segmentFiles()).toHaveLength(1);
  });

  it('begins a new epoch after a reboot and sends what is left of the old one first', () => {
    const first = open({ nowMs: () => 1_000_000 });
    first.append(line(1));
    first.close();
    const second = open({ bootId: 'other boot', nowMs: () => 1_000_000 });
    second.append(line(2));
    second.flush();
    expect(second.state.epoch).toBe(1_001);
    expect(drain(second).map(({ seq, summary }) => [seq, summary])).toEqual([
      [1, 'event 1'],
      [1, 'event 2'],
    ]);
  });

  it('begins a new epoch when the server has more than the spool ever held', () => {
    const spool = open();
    const { epoch } = spool.state;
    spool.append(line(1));
    spool.flush();
    spool.ack(epoch, 99);
    spool.append(line(2));
    spool.flush();
    expect(spool.state.epoch).toBeGreaterThan(epoch);
    const later = drain(spool);
    expect(later.map(({ k, cause, summary }) => cause ?? summary ?? k)).toEqual(['spool_corrupt', 'event 2']);
  });

  it('halves a batch without losing or repeating an item', () => {
    const spool = open();
    for (let n = 0; n < 5; n += 1) spool.append(line(n));
    spool.flush();
    const batch = spool.read(spool.acked, 1_000_000);
    const [left, right] = (batch && halveBatch(batch)) ?? [];
    expect([left?.firstSeq, left?.count, right?.firstSeq, right?.count]).toEqual([1, 2, 3, 3]);
    expect(`${left?.lines}${right?.lines}`).toBe(String(batch?.lines));
  });
});

describe('source positions', () => {
  it('stand and fall with the items they came with, whichever byte a crash cuts at', SLOW, () => {
    const spool = open();
    for (let n = 1; n <= 3; n += 1) spool.appendWithCheckpoint([line(n)], 'audit', { offset: n * 100 });
    spool.close();
    const [path = ''] = segmentFiles();
    const whole = readFileSync(path);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      writeFileSync(path, whole.subarray(0, cut));
      const copy = join(root, `cut-${cut}`);
      cpSync(join(root, 's'), copy, { recursive: true });
      const after = open({ dir: copy });
      const events = summaries(drain(after)).length;
      const checkpoint = after.checkpoint('audit');
      expect<unknown>(checkpoint ?? { offset: 0 }).toEqual({ offset: events * 100 });
      after.close();
      rmSync(copy, { recursive: true });
    }
  });

  it('survive the deletion of the segments they were written in', () => {
    const spool = open({ segmentBytes: 400 });
    spool.appendWithCheckpoint([line(1)], 'audit', { offset: 7 });
    for (let n = 2; n < 20; n += 1) {
      spool.append(line(n));
      spool.flush();
    }
    spool.ack(spool.state.epoch, 19);
    spool.close();
    expect(open().checkpoint('audit')).toEqual({ offset: 7 });
  });
});

describe('damage', () => {
  it('yields only what was appended, under the number it had, for any flipped byte', SLOW, () => {
    const spool = open();
    for (let n = 1; n <= 20; n += 1) {
      spool.append(line(n));
      spool.flush();
    }
    spool.close();
    const [path = ''] = segmentFiles();
    const whole = readFileSync(path);
    cpSync(join(root, 's'), join(root, 'good'), { recursive: true });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = Buffer.from(whole);
        damaged.writeUInt8((damaged[at] ?? 0) ^ flip, at);
        rmSync(join(root, 's'), { recursive: true });
        cpSync(join(root, 'good'), join(root, 's'), { recursive: true });
        writeFileSync(path, damaged);
        const after = open();
        after.flush();
        const items = drain(after);
        const kept = summaries(items);
        // One frame holds one item here; the server sees each hole in the numbers.
        expect(kept.length).toBeGreaterThanOrEqual(19);
        expect(items.every(({ seq, summary }) => summary === `event ${seq}`)).toBe(true);
        after.close();
      }),
      { numRuns: 100, endOnFailure: true },
    );
  });

  it('numbers anew after a torn tail, so that no item hides behind one the server has', () => {
    const spool = open();
    spool.append(line(1));
    spool.close();
    const [path = ''] = segmentFiles();
    truncateSync(path, readFileSync(path).length - 1);
    expect(open().state.epoch).toBeGreaterThan(spool.state.epoch);
  });

  it('opens any directory of random files', SLOW, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        rmSync(join(root, 's'), { recursive: true, force: true });
        open().close();
        writeFileSync(join(root, 's', '0000000001-000000000000001.seg'), bytes);
        writeFileSync(join(root, 's', 'other'), bytes);
        const spool = open();
        spool.append(line(1));
        spool.close();
        expect(summaries(drain(open()))).toEqual(['event 1']);
      }),
    );
  });
});

describe('limits', () => {
  it('drops the oldest segment at the size limit and says exactly what is gone', () => {
    const spool = open({ segmentBytes: 1_000, bytesMax: 5_000 });
    for (let n = 0; n < 200; n += 1) {
      spool.append(line(n, n % 2 === 0 ? {} : { source: 'k8s_audit' }));
      spool.flush();
    }
    expect(spool.state.bytes).toBeLessThanOrEqual(5_000);
    const items = drain(spool);
    const lost = items
      .filter(({ cause }) => cause === 'spool_full')
      .reduce((sum, { count }) => sum + (count ?? 0), 0);
    expect(summaries(items).length + lost).toBe(200);
    expect(new Set(items.filter(({ k }) => k === 'gap').map(({ source }) => source))).toEqual(
      new Set(['syscall', 'k8s_audit']),
    );
    expect(summaries(items).at(-1)).toBe('event 199');
  });

  it('holds several times its size once the server is behind, every item as it was, also after a restart', () => {
    const limits = { segmentBytes: 64 * 1024, bytesMax: 512 * 1024 };
    const spool = open(limits);
    const output = (n: number) => `${n} Sensitive file opened for reading by non-trusted program `.repeat(10);
    const lines = Array.from({ length: 4_000 }, (_, n) => line(n, { output: output(n) }));
    const plainBytes = lines.reduce((sum, text) => sum + text.length, 0);
    for (let n = 0; n < lines.length; n += 40) {
      for (const text of lines.slice(n, n + 40)) spool.append(text);
      spool.flush();
    }
    spool.close();
    expect(plainBytes).toBeGreaterThan(3 * limits.bytesMax);
    expect(spool.state.bytes).toBeLessThan(limits.bytesMax);
    const batches = drain(open(limits), 100_000);
    expect(batches.map(({ k, timeNs, output }) => ({ k, timeNs, output }))).toEqual(
      lines.map((_, n) => ({ k: 'event', timeNs: String(1_000 + n), output: output(n) })),
    );
  });

  it('does not count what the server already has as lost', () => {
    const spool = open({ segmentBytes: 100_000, bytesMax: 120_000 });
    for (let n = 0; n < 400; n += 1) {
      spool.append(line(n));
      spool.flush();
    }
    spool.ack(spool.state.epoch, 300);
    for (let n = 400; n < 900; n += 1) {
      spool.append(line(n));
      spool.flush();
    }
    const items = drain(spool);
    const lost = items
      .filter(({ cause }) => cause === 'spool_full')
      .reduce((sum, { count }) => sum + (count ?? 0), 0);
    expect(summaries(items).length + lost).toBe(600);
  });

  it.each([
    ['the next event', 'spool.append(line(201));', 201],
    ['itself when nothing follows', 'spool.tellLosses();', 200],
    ['the end', '', 200],
  ])('counts what a full disk refuses, told with room again by %s', SLOW, (_, next, sent) => {
    const script = `
      import { execFileSync } from 'node:child_process';
      import { Spool } from ${JSON.stringify(join(import.meta.dirname, 'spool.ts'))};
      const spool = new Spool({ dir: process.argv[1], fsync: { kind: 'never' } });
      const line = (n) => JSON.stringify({ k: 'event', timeNs: String(n), source: 'syscall', summary: 'x'.repeat(900) }) + '\\n';
      for (let n = 0; n < 200; n += 1) { spool.append(line(n)); spool.flush(); }
      const taken = spool.appendWithCheckpoint([line(200)], 'audit', 1);
      execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited']);
      ${next} spool.close();
      console.log(JSON.stringify({ taken, checkpoint: spool.checkpoint('audit') ?? null }));`;
    const shell = `trap '' XFSZ; ulimit -S -f 128; exec "$0" --input-type=module -e "$1" "$2"`;
    const out = execFileSync('sh', ['-c', shell, process.execPath, script, join(root, 's')], {
      encoding: 'utf8',
    });
    expect(JSON.parse(out)).toEqual({ taken: false, checkpoint: null });
    const items = drain(open({ bootId: '' }));
    const lost = items
      .filter(({ cause }) => cause === 'spool_full')
      .reduce((sum, { count }) => sum + (count ?? 0), 0);
    expect(lost).toBeGreaterThan(0);
    expect(summaries(items).length + lost).toBe(sent);
  });
});

describe('lines', () => {
  it('always fit the wire, whatever the event holds', SLOW, () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 5_000, maxLength: 70_000 }));
    const value = fc.oneof(
      text,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.array(text, { maxLength: 300 }),
    );
    const hostile = fc.record({
      type: text,
      summary: text,
      user: text,
      output: text,
      object: text,
      process: text,
      tags: fc.array(text, { maxLength: 80 }),
      fields: fc.dictionary(text, value, { maxKeys: 300 }),
    });
    fc.assert(
      fc.property(hostile, (extra) => {
        const written = eventLine(record(1, extra));
        const parsed = ingestItemSchema.safeParse(JSON.parse(written));
        expect(parsed.error?.issues[0]).toBeUndefined();
        expect(Buffer.byteLength(written)).toBeLessThanOrEqual(1024 * 1024);
        JSON.parse(written, (name, member: unknown) => {
          for (const part of [name, member]) {
            if (typeof part === 'string') expect(part.isWellFormed() && !part.includes('\0')).toBe(true);
          }
          return member;
        });
        expect(written.indexOf('\n')).toBe(written.length - 1);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });
});
