import { describe, expect, it } from 'vitest';
import { age, bytes, clockUtc, duration, middle } from './format.ts';

describe('format', () => {
  it('prints the two largest units of a duration', () => {
    expect(duration(978_000)).toBe('16 min 18 s');
    expect(duration(13_260_000)).toBe('3 h 41 min');
    expect(duration(176_400_000)).toBe('2 d 1 h');
    expect(duration(0)).toBe('0 s');
    expect(duration(-5)).toBe('0 s');
    expect(duration(3_600_000)).toBe('1 h');
  });

  it('prints the largest unit of an age', () => {
    expect(age(978_000)).toBe('16 min');
    expect(age(999)).toBe('0 s');
  });

  it('prints clock times in UTC with optional milliseconds', () => {
    expect(clockUtc('2026-11-21T02:48:39.204Z')).toBe('02:48:39');
    expect(clockUtc('2026-11-21T02:48:39.204Z', true)).toBe('02:48:39.204');
  });

  it('prints bytes in decimal units', () => {
    expect(bytes(0)).toBe('0 B');
    expect(bytes(999)).toBe('999 B');
    expect(bytes(5_900_000)).toBe('5.9 MB');
    expect(bytes(256_000_000)).toBe('256 MB');
  });

  it('keeps the unique tail of a shortened name', () => {
    expect(middle('checkout-api-7d9f6c8b5d-x2k4q', 19)).toBe('checkout-api-…x2k4q');
    expect(middle('short')).toBe('short');
  });
});
