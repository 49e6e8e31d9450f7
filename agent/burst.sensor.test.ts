import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Harness, startHarness } from './testing/sensor-harness.ts';

const run = promisify(execFile);
const WORKLOAD = join(import.meta.dirname, '..', 'bench', 'wl.c');
let h: Harness;
let wl: string;

beforeAll(async () => {
  h = await startHarness();
  wl = join(h.dir, 'wl');
  await run('cc', ['-O2', '-o', wl, WORKLOAD, '-lpthread']);
}, 120_000);
afterAll(() => h?.close());

test('delivers every one of 20,000 opens in order', async () => {
  await run(wl, ['open', '20000', '/etc/hostname']);
  const end = await h.event((e) => e.type === 'procexit' && e.thread?.exe === wl);
  const opens = h.events.filter(
    (e) => e.thread?.pid === end.thread?.pid && e.type === 'openat' && e.fd?.name === '/etc/hostname',
  );
  expect(opens).toHaveLength(20_000);
  expect(opens.every((e, i) => i === 0 || e.timeNs >= (opens[i - 1]?.timeNs ?? 0n))).toBe(true);
  expect(h.sensor.counters().probe_dropped).toBe(0);
}, 30_000);

test('delivers every connect and accept of 2,000 connections', async () => {
  h.events.length = 0;
  await run(wl, ['conn', '2000']);
  const end = await h.event((e) => e.type === 'procexit' && e.thread?.exe === wl);
  const of = (type: string) => h.events.filter((e) => e.thread?.pid === end.thread?.pid && e.type === type);
  expect(of('connect')).toHaveLength(2_000);
  expect(of('accept')).toHaveLength(2_000);
  expect(new Set(of('accept').map((e) => e.fd?.tuple?.clientPort)).size).toBeGreaterThan(1_000);
  expect(h.sensor.counters().probe_dropped).toBe(0);
}, 30_000);

test('reports what a too small buffer lost as a gap, and the count adds up', async () => {
  const small = await startHarness({ probe: { readHost: 'all', bufferMiB: 1, flushMs: 1000 } });
  try {
    await run(wl, ['open', '200000', '/etc/hostname']);
    await expect.poll(() => small.gaps.length, { timeout: 10_000 }).toBeGreaterThan(0);
    // The last gap is written within a second of the last loss.
    const accounted = () =>
      small.events.filter((e) => e.fd?.name === '/etc/hostname').length +
      small.gaps.reduce((sum, gap) => sum + (gap.count ?? 0), 0);
    await expect.poll(accounted, { timeout: 10_000 }).toBeGreaterThanOrEqual(200_000);
    const [gap] = small.gaps;
    expect(gap).toMatchObject({ source: 'syscall', cause: 'probe_drop' });
    expect(BigInt(gap?.endNs ?? 0)).toBeGreaterThan(BigInt(gap?.startNs ?? 0));
  } finally {
    await small.close();
  }
}, 60_000);
