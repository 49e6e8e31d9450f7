import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { account } from './counted-opens.ts';

const times = { fromMs: 0, toMs: 100_000 };
const arrived = (numbers: readonly number[]) => numbers.map((n) => ({ timeMs: n, number: n }));

describe('account', () => {
  it('finds each number that is missing, wherever it is', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(24_999), { maxLength: 200 }), (lost) => {
        const all = Array.from({ length: 25_000 }, (_, n) => n).filter((n) => !lost.includes(n));
        expect(account(25_000, times, arrived(all), [])).toMatchObject({
          received: 25_000 - lost.length,
          missing: lost.length,
          unexplained: lost.length,
          doubled: 0,
        });
      }),
      { numRuns: 20 },
    );
  });

  it('takes a hole for explained only where a gap says so', () => {
    const all = arrived([0, 1, 2, 3, 7_004, 7_005]);
    const gap = { cause: 'agent_down', startMs: 2_000, endMs: 5_000, count: undefined };
    expect(account(7_006, times, all, [gap])).toMatchObject({ missing: 7_000, unexplained: 0 });
    const elsewhere = { ...gap, startMs: 9_000, endMs: 9_500 };
    expect(account(7_006, times, all, [elsewhere])).toMatchObject({ missing: 7_000, unexplained: 7_000 });
  });

  it('holds gaps that count to their count', () => {
    const all = arrived([0, 1, 5]);
    const gap = { cause: 'spool_full', startMs: 0, endMs: 9, count: 2 };
    expect(account(6, times, all, [gap])).toMatchObject({ missing: 3, unexplained: 0, uncounted: 1 });
    expect(account(6, times, all, [{ ...gap, count: 3 }])).toMatchObject({ uncounted: 0 });
    expect(account(6, times, all, [gap, { ...gap, count: undefined }])).toMatchObject({ uncounted: 0 });
  });

  it('counts repeats', () => {
    expect(account(3, times, arrived([0, 1, 1, 2]), [])).toMatchObject({ missing: 0, doubled: 1 });
  });
});
