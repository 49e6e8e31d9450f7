import { expect, test } from 'vitest';
import { clockTicks } from './time-ticks.ts';

test('ticks are round clock times inside the axis', () => {
  expect(clockTicks(1_000, 3_600_000, 6)).toEqual([
    600_000, 1_200_000, 1_800_000, 2_400_000, 3_000_000, 3_600_000,
  ]);
});
