import { KNOWN_PROGRAMS } from './parse-message.ts';
import type { LogEntry } from './record.ts';
import { SYSLOG_CHARS_MAX } from './syslog-line.ts';

export type JournalEntry = LogEntry & {
  readonly cursor: string;
  /** The kernel names another program as the sender than the tag: anyone may write any tag. */
  readonly isForged: boolean;
};

const CHARS_MAX = 256;
/** The kernel cuts a program's name to 15 characters. */
const COMM_CHARS = 15;
const KNOWN: ReadonlySet<string> = new Set(KNOWN_PROGRAMS);

/**
 * Reads one object of `journalctl -o json`.
 * Shape: values are strings, or arrays of bytes where they are no UTF-8, or null where they are too long.
 * Errors: undefined without cursor, time or message.
 * Source: systemd, Journal Export Formats, "Journal JSON Format".
 */
export function parseJournalEntry(raw: unknown): JournalEntry | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const entry = raw as Readonly<Record<string, unknown>>;
  const cursor = entry.__CURSOR;
  const micros = entry.__REALTIME_TIMESTAMP;
  if (typeof cursor !== 'string' || cursor.length > 1_024) return undefined;
  if (typeof micros !== 'string' || !/^\d{1,16}$/.test(micros)) return undefined;
  const message = textOf(entry.MESSAGE, SYSLOG_CHARS_MAX) ?? '';
  const comm = textOf(entry._COMM, CHARS_MAX);
  const program = textOf(entry.SYSLOG_IDENTIFIER, CHARS_MAX) ?? comm ?? '';
  const pid = Number(textOf(entry._PID, 16) ?? textOf(entry.SYSLOG_PID, 16));
  return {
    cursor,
    timeNs: BigInt(micros) * 1_000n,
    program,
    pid: Number.isSafeInteger(pid) ? pid : undefined,
    message,
    log: 'journald',
    isForged: KNOWN.has(program) && comm !== undefined && !isSender(program, comm),
  };
}

/** `sshd` and `sshd-session` are one service; `su-l` is su. */
function isSender(program: string, comm: string): boolean {
  const name = program.slice(0, COMM_CHARS);
  return comm === name || comm.startsWith(`${program.split('-')[0]}`) || comm.startsWith('(');
}

function textOf(value: unknown, max: number): string | undefined {
  if (typeof value === 'string') return value.slice(0, max);
  if (!Array.isArray(value)) return undefined;
  const bytes = value.slice(0, max);
  // Fields given twice are arrays of strings; the first is the one that the sender meant.
  if (typeof bytes[0] === 'string') return bytes[0].slice(0, max);
  if (!bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255)) return undefined;
  return Buffer.from(bytes).toString();
}
