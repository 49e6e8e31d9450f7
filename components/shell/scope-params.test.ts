import { describe, expect, it } from 'vitest';
import {
  boundsLabel,
  rangeLabel,
  rangeParams,
  readRange,
  relativeMs,
  resolveRange,
  shiftRange,
} from './scope-params.ts';

const now = new Date('2026-11-21T03:06:12.000Z');
const read = (query: string) => readRange(new URLSearchParams(query));

describe('scope parameters', () => {
  it('keeps a relative range relative', () => {
    expect(read('range=24h')).toEqual({ kind: 'relative', token: '24h' });
    expect(resolveRange(read('range=24h'), now)).toEqual({
      from: '2026-11-20T03:06:12.000Z',
      to: '2026-11-21T03:06:12.000Z',
    });
  });

  it('prefers absolute bounds', () => {
    expect(read('range=24h&from=2026-11-21T02:40Z&to=2026-11-21T03:06Z')).toEqual({
      kind: 'absolute',
      from: '2026-11-21T02:40:00.000Z',
      to: '2026-11-21T03:06:00.000Z',
    });
  });

  it('falls back to six hours on malformed, reversed or excessive values', () => {
    for (const query of [
      'range=0h',
      'range=-1h',
      'range=91d',
      'range=x',
      'from=x&to=y',
      'from=2026-11-22&to=2026-11-21',
    ]) {
      expect(read(query)).toEqual({ kind: 'relative', token: '6h' });
    }
    expect(relativeMs('9999d')).toBeUndefined();
  });

  it('writes what it reads', () => {
    for (const query of ['range=15m', 'from=2026-11-21T02:40:00.000Z&to=2026-11-21T03:06:00.000Z', '']) {
      const params = new URLSearchParams();
      for (const [key, value] of Object.entries(rangeParams(read(query))))
        if (value !== null) params.set(key, value);
      expect(readRange(params)).toEqual(read(query));
    }
  });

  it('moves by its own length', () => {
    expect(shiftRange(read('range=1h'), now, -1)).toEqual({
      kind: 'absolute',
      from: '2026-11-21T01:06:12.000Z',
      to: '2026-11-21T02:06:12.000Z',
    });
  });

  it('names ranges and prints the zone', () => {
    expect(rangeLabel(read('range=6h'))).toBe('Last 6 hours');
    expect(rangeLabel(read('range=2d'))).toBe('Last 2 days');
    expect(boundsLabel(resolveRange(read('range=6h'), now))).toBe('21:06–03:06 UTC');
    expect(boundsLabel(resolveRange(read('range=7d'), now))).toBe('11-14 03:06–11-21 03:06 UTC');
  });
});
