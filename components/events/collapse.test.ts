import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventRow } from '../../core/wire/events.ts';
import { collapseRepeats } from './collapse.ts';

const row = (id: string, timeMs: number, process = 'cat'): EventRow => ({
  id,
  time: new Date(timeMs).toISOString(),
  source: 'syscall',
  type: 'openat',
  categories: [],
  outcome: 'ok',
  priority: 4,
  rule: 'r',
  tags: [],
  summary: `${process} read /etc/shadow`,
  node: 'n',
  namespace: null,
  pod: null,
  container: null,
  containerId: null,
  workload: null,
  user: null,
  process,
  pid: 1,
  peer: null,
  object: '/etc/shadow',
});

test('folds equal neighbours within a minute of the newest', () => {
  const groups = collapseRepeats([row('a', 100_000), row('b', 60_000), row('c', 40_000), row('d', 39_000)]);
  expect(groups.map((group) => group.members.map((one) => one.id))).toEqual([['a', 'b', 'c'], ['d']]);
});

test('keeps different events apart', () => {
  expect(collapseRepeats([row('a', 2), row('b', 1, 'id'), row('c', 0)])).toHaveLength(3);
});

test('loses no event and keeps the order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(200_000), fc.constantFrom('cat', 'id'))), (input) => {
      const rows = input
        .toSorted((a, b) => b[0] - a[0])
        .map(([timeMs, process], index) => row(String(index), timeMs, process));
      const members = collapseRepeats(rows).flatMap((group) => group.members.map((one) => one.id));
      expect(members).toEqual(rows.map((one) => one.id));
    }),
  );
});
