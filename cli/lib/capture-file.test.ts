import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { sampleCapture } from '../../core/scap/sample-capture.ts';
import { readCapture } from './capture-file.ts';
import { writeCapture } from './inspect-write.ts';

const dir = mkdtempSync(join(tmpdir(), 'eyrie-capture-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const SAMPLE = sampleCapture();
const [HEAD = new Uint8Array(0)] = SAMPLE;
const WHOLE = Buffer.concat([HEAD, ...Array.from({ length: 300 }, () => SAMPLE.slice(1)).flat()]);
/** Stored, not squeezed: a cut then loses as much as it cuts. */
const GZIP = gzipSync(WHOLE, { level: 0 });

async function count(name: string, bytes: Uint8Array) {
  const path = join(dir, name);
  writeFileSync(path, bytes);
  let shown = 0;
  const { events, warnings } = await readCapture(path, {}, () => shown++);
  return { shown, events, messages: warnings.map(({ message }) => message) };
}

it('reads a compressed capture as the plain one', async () => {
  const plain = await count('plain.scap', WHOLE);
  expect(await count('zipped.scap', GZIP)).toEqual(plain);
  expect(plain.messages).toEqual([]);
});

it('reads a compressed capture that ends too early up to its last event, and says so', async () => {
  const { events } = await count('plain.scap', WHOLE);
  for (const share of [0.1, 0.5, 0.9, 0.999]) {
    const cut = await count('cut.scap', GZIP.subarray(0, Math.floor(GZIP.length * share)));
    expect(cut.messages[0]).toBe('the compressed file is truncated');
    expect(cut.events).toBeGreaterThan(events * share * 0.9 - 20);
    expect(cut.events).toBeLessThanOrEqual(events);
  }
  // Only the checksum is missing: every event is there.
  const whole = await count('cut.scap', GZIP.subarray(0, -4));
  expect(whole).toMatchObject({ events, messages: ['the compressed file is truncated'] });
});

it('refuses compressed data that is damaged', async () => {
  const damaged = Buffer.from(gzipSync(WHOLE));
  damaged.fill(0xff, 200, 240);
  await expect(count('damaged.scap', damaged)).rejects.toThrow(/compressed data is damaged|claims|differ/);
});

it('writes a copy that reads as its original, compressed or not, and never over it', async () => {
  const original = await count('original.scap', WHOLE);
  const path = join(dir, 'original.scap');
  for (const gzip of [false, true]) {
    const to = join(dir, `copy-${gzip}.scap`);
    const { events, shown } = await writeCapture(path, { to, gzip, accepts: undefined });
    expect([events, shown <= events]).toEqual([original.events, true]);
    let read = 0;
    await readCapture(to, {}, () => read++);
    expect(read).toBe(original.shown);
  }
  await expect(writeCapture(path, { to: path, gzip: false, accepts: undefined })).rejects.toThrow('itself');
});
