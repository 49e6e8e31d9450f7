import { expect, test } from 'vitest';
import type { TimelineEntry } from '../../core/wire/incidents.ts';
import { timelineCounts, timelineRows } from './timeline-rows.ts';

const entry = (id: string, time: string, kind: TimelineEntry['kind'], count = 1): TimelineEntry => ({
  id,
  time,
  kind,
  actor: null,
  source: null,
  priority: null,
  rule: null,
  summary: '',
  lane: 'response',
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
  count,
});
const timeline = [
  entry('e', '2026-11-20T23:59:00Z', 'event', 4),
  entry('a', '2026-11-21T00:30:00Z', 'action'),
  entry('n', '2026-11-21T00:15:00Z', 'note'),
  entry('g', '2026-11-21T00:20:00Z', 'gap'),
];

test('orders newest first with a rule per day', () => {
  expect(timelineRows(timeline, 'all').map((row) => row.key)).toEqual([
    'day-2026-11-21',
    'a',
    'g',
    'n',
    'day-2026-11-20',
    'e',
  ]);
});

test('gaps stay beside events and leave with them', () => {
  const keys = (filter: 'events' | 'response') =>
    timelineRows(timeline, filter)
      .filter((row) => row.kind !== 'day')
      .map((row) => row.key);
  expect(keys('events')).toEqual(['g', 'e']);
  expect(keys('response')).toEqual(['a', 'n']);
});

test('counts repeats of events', () => {
  expect(timelineCounts(timeline)).toEqual({ events: 4, actions: 1, notes: 1 });
});
