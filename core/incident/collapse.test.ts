import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TimelineEntry } from '../wire/incidents.ts';
import { mergeTimeline } from './collapse.ts';

function line(id: string, atMs: number, over: Partial<TimelineEntry> = {}): TimelineEntry {
  return {
    id,
    time: new Date(Date.UTC(2026, 10, 21, 3) + atMs).toISOString(),
    kind: 'event',
    actor: null,
    source: 'syscall',
    priority: 4,
    rule: 'Shell in container',
    summary: 'bash started',
    lane: 'pod:payments/a',
    namespace: 'payments',
    pod: 'a',
    node: null,
    user: null,
    process: 'bash',
    object: null,
    outcome: 'ok',
    eventId: id,
    actionId: null,
    undoable: false,
    count: 1,
    ...over,
  };
}

describe('mergeTimeline', () => {
  it('orders lines of several lists by time, then id', () => {
    const merged = mergeTimeline([
      [line('b', 5, { kind: 'note' })],
      [line('c', 1), line('a', 5, { kind: 'note' })],
    ]);
    expect(merged.map((entry) => entry.id)).toEqual(['c', 'a', 'b']);
  });

  it('folds repeats within 60 s of the one before into one line with the count', () => {
    const merged = mergeTimeline([[line('a', 0), line('b', 59_000), line('c', 118_000), line('d', 179_000)]]);
    expect(merged.map((entry) => [entry.id, entry.count])).toEqual([
      ['a', 3],
      ['d', 1],
    ]);
  });

  it('folds across an interleaved other line', () => {
    const merged = mergeTimeline([[line('a', 0), line('x', 1, { process: 'cat' }), line('b', 2)]]);
    expect(merged.map((entry) => [entry.id, entry.count])).toEqual([
      ['a', 2],
      ['x', 1],
    ]);
  });

  it('keeps other processes, objects, lanes and outcomes apart and never folds what people did', () => {
    const merged = mergeTimeline([
      [
        line('a', 0),
        line('b', 0, { object: '/etc/shadow' }),
        line('c', 0, { lane: 'pod:payments/b' }),
        line('d', 0, { outcome: 'denied' }),
        line('e', 0, { kind: 'note' }),
        line('f', 0, { kind: 'note' }),
      ],
    ]);
    expect(merged).toHaveLength(6);
  });

  it('loses no count, whatever the order', () => {
    const lines = fc.array(
      fc.tuple(fc.nat(300_000), fc.constantFrom('bash', 'cat'), fc.integer({ min: 1, max: 9 })),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(lines, (items) => {
        const entries = items.map(([at, process, count], index) => line(`e${index}`, at, { process, count }));
        const total = (list: readonly TimelineEntry[]) => list.reduce((sum, entry) => sum + entry.count, 0);
        const merged = mergeTimeline([entries]);
        expect(total(merged)).toBe(total(entries));
        expect(mergeTimeline([[...entries].reverse()])).toEqual(merged);
      }),
    );
  });
});
