import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { niceTicks, roundTicks, stepLabel, tickLabel } from './axis.ts';

describe('chart axis', () => {
  it('puts ticks on round clock times, at most nine', () => {
    const start = Date.parse('2026-11-20T21:05:00Z');
    const times = Array.from({ length: 72 }, (_, i) => start + i * 300_000);
    const ticks = roundTicks(times);
    expect(ticks.map((time) => tickLabel(time, 21_600_000))).toEqual([
      '22:00',
      '23:00',
      '00:00',
      '01:00',
      '02:00',
      '03:00',
    ]);
  });

  it('prints the date at midnights of long ranges only', () => {
    const midnight = Date.parse('2026-11-20T00:00:00Z');
    expect(tickLabel(midnight, 7 * 86_400_000)).toBe('11-20');
    expect(tickLabel(midnight, 21_600_000)).toBe('00:00');
  });

  it('covers the highest value with whole, evenly spaced steps from zero', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (max) => {
        const ticks = niceTicks(max);
        expect(ticks[0]).toBe(0);
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(max);
        expect(ticks.length).toBeLessThanOrEqual(6);
        expect(ticks.every(Number.isInteger)).toBe(true);
      }),
    );
  });

  it('names the bar width', () => {
    expect(stepLabel(300_000)).toBe('5 min bars');
    expect(stepLabel(3_600_000)).toBe('1 h bars');
    expect(stepLabel(10_000)).toBe('10 s bars');
  });
});
