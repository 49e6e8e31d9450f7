import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rateOf, SPIKE_MIN, spikeThreshold } from './robust.ts';

const median = (values: readonly number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
};
const histogram = (values: readonly number[]) => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
};
const counts = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 200 });

describe('the rate of a histogram', () => {
  it('is the median and MAD of its values', () => {
    expect(rateOf(histogram([1, 2, 3, 4, 100]))).toEqual({ minutes: 5, median: 3, mad: 1 });
    expect(rateOf(histogram([1, 2, 3, 10]))).toEqual({ minutes: 4, median: 2.5, mad: 1 });
    expect(rateOf(new Map())).toEqual({ minutes: 0, median: 0, mad: 0 });
  });

  it('equals what sorting every value gives', () => {
    fc.assert(
      fc.property(counts, (values) => {
        const middle = median(values);
        const mad = median(values.map((value) => Math.abs(value - middle)));
        expect(rateOf(histogram(values))).toEqual({ minutes: values.length, median: middle, mad });
      }),
    );
  });

  it('is not moved by fewer outliers than half, however large', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 1_000, max: 1e9 }), (values, huge) => {
        const outliers = Array<number>(Math.floor((values.length - 1) / 2)).fill(huge);
        const rate = rateOf(histogram([...values, ...outliers]));
        expect(rate.median).toBeLessThanOrEqual(Math.max(...values));
      }),
    );
  });
});

describe('the threshold', () => {
  it('lies above the floor and above the median, and grows with both', () => {
    const rates = fc.record({
      median: fc.double({ min: 0, max: 1e6, noNaN: true }),
      mad: fc.double({ min: 0, max: 1e6, noNaN: true }),
    });
    fc.assert(
      fc.property(rates, (rate) => {
        const threshold = spikeThreshold(rate);
        expect(threshold).toBeGreaterThanOrEqual(SPIKE_MIN);
        expect(threshold).toBeGreaterThan(rate.median);
        expect(spikeThreshold({ ...rate, median: rate.median + 1 })).toBeGreaterThanOrEqual(threshold);
        expect(spikeThreshold({ ...rate, mad: rate.mad + 1 })).toBeGreaterThanOrEqual(threshold);
      }),
    );
  });

  it('allows what equal minutes vary by chance', () => {
    expect(spikeThreshold({ median: 100, mad: 0 })).toBe(160);
    expect(spikeThreshold({ median: 2, mad: 0 })).toBe(SPIKE_MIN);
  });
});
