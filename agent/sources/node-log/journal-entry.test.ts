import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJournalEntry } from './journal-entry.ts';

const entry = {
  __CURSOR: 's=1;i=2',
  __REALTIME_TIMESTAMP: '1795278098051297',
  SYSLOG_IDENTIFIER: 'sshd',
  _COMM: 'sshd',
  _PID: '812',
  MESSAGE: 'Failed password for root from 10.0.0.9 port 5000 ssh2',
};

describe('parseJournalEntry', () => {
  it('reads time, sender and message', () => {
    expect(parseJournalEntry(entry)).toEqual({
      cursor: 's=1;i=2',
      timeNs: 1_795_278_098_051_297_000n,
      program: 'sshd',
      pid: 812,
      message: entry.MESSAGE,
      log: 'journald',
      isForged: false,
    });
  });

  it('reads messages that are bytes, given twice, or too long to print', () => {
    expect(parseJournalEntry({ ...entry, MESSAGE: [0x61, 0xff, 0x62] })?.message).toBe('a\ufffdb');
    expect(parseJournalEntry({ ...entry, MESSAGE: ['first', 'second'] })?.message).toBe('first');
    expect(parseJournalEntry({ ...entry, MESSAGE: null })?.message).toBe('');
  });

  it('does not believe a tag that another program wrote', () => {
    expect(parseJournalEntry({ ...entry, _COMM: 'logger' })?.isForged).toBe(true);
    expect(parseJournalEntry({ ...entry, _COMM: 'sshd-session' })?.isForged).toBe(false);
    expect(parseJournalEntry({ ...entry, _COMM: undefined })?.isForged).toBe(false);
    expect(parseJournalEntry({ ...entry, SYSLOG_IDENTIFIER: 'other', _COMM: 'logger' })?.isForged).toBe(
      false,
    );
  });

  it('refuses what has no cursor or time, and never throws', () => {
    expect(parseJournalEntry({ ...entry, __CURSOR: 7 })).toBeUndefined();
    expect(parseJournalEntry({ ...entry, __REALTIME_TIMESTAMP: '-1' })).toBeUndefined();
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (raw, value) => {
        parseJournalEntry(raw);
        parseJournalEntry({ ...entry, MESSAGE: value, _PID: value, SYSLOG_IDENTIFIER: value });
      }),
    );
  });
});
