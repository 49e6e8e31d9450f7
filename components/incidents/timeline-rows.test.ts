import { expect, test } from 'vitest';
import type { Gap } from '../../core/wire/events.ts';
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
const gap: Gap = {
  id: '9',
  source: 'syscall',
  node: 'w',
  start: '2026-11-21T00:10:00Z',
  end: '2026-11-21T00:20:00Z',
  cause: 'agent_down',
  count: null,
  detail: null,
};
const timeline = [
  entry('e', '2026-11-20T23:59:00Z', 'event', 4),
  entry('a', '2026-11-21T00:30:00Z', 'action'),
  entry('n', '2026-11-21T00:15:00Z', 'note'),
];

test('orders newest first with a rule per day and gaps at their end', () => {
  expect(timelineRows(timeline, [gap], 'all').map((row) => row.key)).toEqual([
    'day-2026-11-21',
    'a',
    'gap-9',
    'n',
    'day-2026-11-20',
    'e',
  ]);
});

test('gaps stay beside events and leave with them', () => {
  const keys = (filter: 'events' | 'response') =>
    timelineRows(timeline, [gap], filter)
      .filter((row) => row.kind !== 'day')
      .map((row) => row.key);
  expect(keys('events')).toEqual(['gap-9', 'e']);
  expect(keys('response')).toEqual(['a', 'n']);
});

test('counts repeats of events', () => {
  expect(timelineCounts(timeline)).toEqual({ events: 4, actions: 1, notes: 1 });
});
