import fc from 'fast-check';
import { expect, it } from 'vitest';
import { timeBins } from './time-bins.ts';

it('bins cover the range, never more than asked, at multiples of a step', () => {
  const time = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2028, 0) });
  fc.assert(
    fc.property(
      time,
      fc.integer({ min: 1, max: 400 * 86_400_000 }),
      fc.integer({ min: 2, max: 200 }),
      (from, length, countMax) => {
        const to = from + length;
        const bins = timeBins(
          { from: new Date(from).toISOString(), to: new Date(to).toISOString() },
          { countMax },
        );
        expect(bins.startMs).toBeLessThanOrEqual(from);
        expect(bins.startMs + bins.count * bins.stepMs).toBeGreaterThanOrEqual(to);
        expect(bins.startMs % bins.stepMs).toBe(0);
        expect(bins.count).toBeLessThanOrEqual(countMax + 1);
      },
    ),
  );
});

it.each([
  ['an hour', 3_600_000, 60_000],
  ['a day', 86_400_000, 900_000],
  ['ten minutes', 600_000, 10_000],
])('%s has a step that people read', (_, length, stepMs) => {
  const from = Date.UTC(2026, 0, 1);
  const range = { from: new Date(from).toISOString(), to: new Date(from + length).toISOString() };
  expect(timeBins(range, { countMax: 100 }).stepMs).toBe(stepMs);
});
