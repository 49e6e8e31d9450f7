import { describe, expect, it } from 'vitest';
import { gapSpans } from './gap-spans.ts';

const scope = { from: '2026-11-21T00:00:00.000Z', to: '2026-11-21T10:00:00.000Z' };
const gap = (start: string, end: string) => ({
  id: start,
  source: 'syscall' as const,
  node: null,
  start: `2026-11-21T${start}:00.000Z`,
  end: `2026-11-21T${end}:00.000Z`,
  cause: 'probe_drop',
  count: null,
  detail: null,
});

describe('gapSpans', () => {
  it('places gaps as fractions of the range', () => {
    expect(gapSpans([gap('01:00', '02:00')], scope)).toEqual([[0.1, 0.2]]);
  });

  it('merges overlapping gaps of several nodes', () => {
    expect(gapSpans([gap('03:00', '05:00'), gap('01:00', '04:00'), gap('07:00', '08:00')], scope)).toEqual([
      [0.1, 0.5],
      [0.7, 0.8],
    ]);
  });

  it('drops what lies outside', () => {
    expect(gapSpans([gap('11:00', '12:00')], scope)).toEqual([]);
  });
});
