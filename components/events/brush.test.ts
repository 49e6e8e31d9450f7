import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Axis, dragEdge, dragSelection, nudge, timeToX, xToTime } from './brush.ts';

const axis: Axis = { fromMs: 1_000, toMs: 11_000, stepMs: 1_000, width: 500 };

test('maps time to pixels and back', () => {
  expect(timeToX(axis, 6_000)).toBe(250);
  expect(xToTime(axis, 250)).toBe(6_000);
  expect(xToTime(axis, -20)).toBe(1_000);
});

test('a drag selects whole bars in either direction', () => {
  expect(dragSelection(axis, 60, 120)).toEqual({ fromMs: 2_000, toMs: 4_000 });
  expect(dragSelection(axis, 120, 60)).toEqual({ fromMs: 2_000, toMs: 4_000 });
});

test('handles never cross', () => {
  const selection = { fromMs: 3_000, toMs: 5_000 };
  expect(dragEdge(axis, selection, 'from', 480)).toEqual({ fromMs: 4_000, toMs: 5_000 });
  expect(dragEdge(axis, selection, 'to', 0)).toEqual({ fromMs: 3_000, toMs: 4_000 });
});

test('arrow keys keep the length and stop at the ends', () => {
  expect(nudge(axis, { fromMs: 9_000, toMs: 11_000 }, 1)).toEqual({ fromMs: 9_000, toMs: 11_000 });
  expect(nudge(axis, { fromMs: 3_000, toMs: 5_000 }, -1)).toEqual({ fromMs: 2_000, toMs: 4_000 });
  expect(nudge(axis, { fromMs: 3_000, toMs: 5_000 }, 1, 'to')).toEqual({ fromMs: 3_000, toMs: 6_000 });
});

test('every drag stays inside the axis and is at least one bar or up to its end', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -50, max: 600, noNaN: true }),
      fc.double({ min: -50, max: 600, noNaN: true }),
      (a, b) => {
        const { fromMs, toMs } = dragSelection(axis, a, b);
        expect(fromMs).toBeGreaterThanOrEqual(axis.fromMs);
        expect(toMs).toBeLessThanOrEqual(axis.toMs);
        expect(toMs).toBeGreaterThan(fromMs);
      },
    ),
  );
});
