import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StartBudget } from './start-budget.ts';

test('gives three starts at once and then one in ten seconds', () => {
  const budget = new StartBudget(0);
  expect([budget.take(0), budget.take(0), budget.take(0)]).toEqual([0, 0, 0]);
  expect(budget.take(4_000)).toBe(6_000);
  expect(budget.take(10_000)).toBe(0);
  expect(budget.take(10_000)).toBe(10_000);
  expect([budget.take(100_000), budget.take(100_000), budget.take(100_000)]).toEqual([0, 0, 0]);
  expect(budget.take(100_000)).toBe(10_000);
});

test('waits longer each time a start fails, and no longer once one ended well', () => {
  const budget = new StartBudget(0);
  budget.failed(0);
  expect(budget.take(0)).toBe(1_000);
  budget.failed(1_000);
  expect(budget.take(1_000)).toBe(2_000);
  for (let i = 0; i < 40; i++) budget.failed(2_000);
  expect(budget.take(2_000)).toBe(300_000);
  budget.succeeded();
  budget.failed(400_000);
  expect(budget.take(400_000)).toBe(1_000);
});

test('never gives more than three and one for every ten seconds, whenever it is asked', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20_000), { maxLength: 200 }), (pauses) => {
      const budget = new StartBudget(0);
      let nowMs = 0;
      let starts = 0;
      for (const pause of pauses) {
        nowMs += pause;
        if (budget.take(nowMs) === 0) starts += 1;
        expect(starts).toBeLessThanOrEqual(3 + nowMs / 10_000);
      }
    }),
  );
});
