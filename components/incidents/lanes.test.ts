import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TimelineEntry } from '../../core/wire/incidents.ts';
import { barsOf, laneAxis, lanesOf, markersOf } from './lanes.ts';

const entry = (timeMs: number, more: Partial<TimelineEntry> = {}): TimelineEntry => ({
  id: String(timeMs),
  time: new Date(timeMs).toISOString(),
  kind: 'event',
  actor: null,
  source: 'syscall',
  priority: 4,
  rule: null,
  summary: 's',
  lane: 'pod:payments/a',
  namespace: null,
  pod: null,
  node: null,
  user: null,
  process: null,
  object: null,
  outcome: null,
  eventId: null,
  actionId: null,
  undoable: false,
  count: 1,
  ...more,
});
const axis = { fromMs: 0, toMs: 1_000_000, width: 1_000 };

test('merges markers closer than 14 px, with the highest severity and the summed count', () => {
  const markers = markersOf([entry(13_000, { priority: 2, count: 3 }), entry(0), entry(26_000)], axis);
  expect(markers.map(({ x, priority, count }) => ({ x, priority, count }))).toEqual([
    { x: 0, priority: 2, count: 4 },
    { x: 26, priority: 4, count: 1 },
  ]);
});

test('no two markers are closer than 14 px and no entry is lost', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000_000), { maxLength: 80 }), (times) => {
      const markers = markersOf(
        times.map((time) => entry(time)),
        axis,
      );
      expect(markers.flatMap((marker) => marker.entries)).toHaveLength(times.length);
      for (const [index, marker] of markers.entries()) {
        const next = markers[index + 1];
        if (next !== undefined) expect(next.x - marker.x).toBeGreaterThanOrEqual(14);
      }
    }),
  );
});

test('the response lane comes last and gaps belong to none', () => {
  const { lanes } = lanesOf([
    entry(1, { kind: 'opened', lane: 'response' }),
    entry(2, { lane: 'user:dev:1' }),
    entry(3, { kind: 'gap', lane: 'node:n' }),
  ]);
  expect(lanes.map((lane) => [lane.kind, lane.name])).toEqual([
    ['user', 'dev:1'],
    ['response', 'Response'],
  ]);
});

test('bars turn thick after the first critical event and break after 15 quiet minutes', () => {
  const bars = barsOf([entry(0), entry(60_000, { priority: 2 }), entry(120_000), entry(1_100_000)], axis);
  expect(bars).toEqual([
    { x0: 0, x1: 60, hot: false },
    { x0: 60, x1: 120, hot: true },
  ]);
});

test('the axis has room around a single instant', () => {
  const { fromMs, toMs } = laneAxis([entry(100_000)], 500);
  expect(toMs - fromMs).toBe(60_000);
});
