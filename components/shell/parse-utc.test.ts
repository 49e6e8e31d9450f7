import { describe, expect, it } from 'vitest';
import { parseUtc } from './parse-utc.ts';

describe('parseUtc', () => {
  it('reads dates and times as UTC', () => {
    expect(parseUtc('2026-11-21')).toBe('2026-11-21T00:00:00.000Z');
    expect(parseUtc('2026-11-21 02:40')).toBe('2026-11-21T02:40:00.000Z');
    expect(parseUtc(' 2026-11-21T02:40:09Z ')).toBe('2026-11-21T02:40:09.000Z');
  });

  it('refuses what is no date', () => {
    for (const text of ['', 'yesterday', '2026-02-30', '2026-13-01', '2026-11-21 25:00', '21.11.2026']) {
      expect(parseUtc(text)).toBeUndefined();
    }
  });
});
