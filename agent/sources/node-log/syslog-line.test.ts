import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseSyslogLine } from './syslog-line.ts';

const NOW_MS = Date.parse('2026-01-02T10:00:00Z');
const before = process.env.TZ;
beforeEach(() => {
  process.env.TZ = 'UTC';
});
afterEach(() => {
  if (before === undefined) delete process.env.TZ;
  else process.env.TZ = before;
});
const at = (line: string, nowMs = NOW_MS): string | undefined => {
  const parsed = parseSyslogLine(line, nowMs);
  return parsed && new Date(Number(parsed.timeNs / 1_000_000n)).toISOString();
};

describe('parseSyslogLine', () => {
  it('splits time, host, tag and message', () => {
    expect(parseSyslogLine('Jan  2 09:59:58 node-1 sshd[812]: Failed password for x', NOW_MS)).toEqual({
      timeNs: 1_767_347_998_000_000_000n,
      host: 'node-1',
      program: 'sshd',
      pid: 812,
      message: 'Failed password for x',
    });
    expect(parseSyslogLine('<38>Jan  2 09:59:58 n /usr/sbin/cron: a: b', NOW_MS)).toMatchObject({
      program: 'cron',
      pid: undefined,
      message: 'a: b',
    });
  });

  it('keeps microseconds and the zone of ISO times', () => {
    const line = '2026-01-02T10:59:58.123456+01:00 n sudo: x';
    expect(parseSyslogLine(line, NOW_MS)?.timeNs).toBe(1_767_347_998_123_456_000n);
    expect(at('2026-01-02T09:59:58Z n a: b')).toBe('2026-01-02T09:59:58.000Z');
    expect(at('2026-01-02 09:59:58+0000 n a: b')).toBe('2026-01-02T09:59:58.000Z');
  });

  it('puts a time without year into the latest year that is not a day ahead', () => {
    expect(at('Dec 31 23:59:59 n a: b')).toBe('2025-12-31T23:59:59.000Z');
    expect(at('Jan  3 09:00:00 n a: b')).toBe('2026-01-03T09:00:00.000Z');
    expect(at('Jan  3 11:00:00 n a: b')).toBe('2025-01-03T11:00:00.000Z');
    expect(at('Jan  1 00:30:00 n a: b', Date.parse('2025-12-31T23:50:00Z'))).toBe('2026-01-01T00:30:00.000Z');
    expect(at('Feb 29 12:00:00 n a: b')).toBe('2024-02-29T12:00:00.000Z');
  });

  it('reads times without zone in the zone of the node', () => {
    process.env.TZ = 'America/New_York';
    expect(at('Jan  2 04:59:58 n a: b')).toBe('2026-01-02T09:59:58.000Z');
    expect(at('2026-01-02T04:59:58 n a: b')).toBe('2026-01-02T09:59:58.000Z');
  });

  it.each([
    '',
    'at Object.<anonymous>',
    'Jan 32 10:00:00 n a: b',
    'Foo  2 10:00:00 n a: b',
    'Jan  2 25:00:00 n a: b',
    'Jan  2 10:00:00 n no tag here',
  ])('refuses %j', (line) => expect(parseSyslogLine(line, NOW_MS)).toBeUndefined());

  it('never throws, and what it reads stays within its limits', () => {
    const head = fc.constantFrom('', 'Jan  2 10:00:00 ', '<1>Jan 12 10:00:00 n ', '2026-01-02T10:00:00Z n ');
    fc.assert(
      fc.property(head, fc.string({ maxLength: 9_000 }), (start, rest) => {
        const parsed = parseSyslogLine(start + rest, NOW_MS);
        if (parsed === undefined) return;
        expect(parsed.message.length).toBeLessThanOrEqual(4_096);
        expect(parsed.program.length).toBeLessThanOrEqual(64);
        expect(parsed.timeNs).toBeGreaterThanOrEqual(0n);
      }),
    );
  });
});
