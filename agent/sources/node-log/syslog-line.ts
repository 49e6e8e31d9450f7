/** One line of a syslog file. */
export type SyslogLine = {
  /** Units: wall-clock nanoseconds since the epoch, as the line says it. */
  readonly timeNs: bigint;
  readonly host: string;
  readonly program: string;
  readonly pid: number | undefined;
  readonly message: string;
};

/** Longer lines are cut: no message that is parsed needs more, and a hostile one costs no more. */
export const SYSLOG_CHARS_MAX = 4_096;
const PROGRAM_CHARS_MAX = 64;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY_MS = 86_400_000;
/** Leap days recur within eight years. */
const YEARS_BACK_MAX = 8;
const CLASSIC = /^([A-Z][a-z]{2}) ([ 0-3]\d) (\d\d):(\d\d):(\d\d) (?:(\d{4}) )?/;
const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)? /;

/**
 * Splits a line of auth.log, secure, syslog or messages.
 * Shape: `Nov 21 08:00:01 host sshd[1]: text` (RFC 3164, no year, local time; rsyslog's traditional file
 * format) or `2026-11-21T08:00:01.123456+01:00 host sshd[1]: text`; an RFC 3164 `<34>` may precede both.
 * Errors: undefined for any other line.
 */
export function parseSyslogLine(line: string, nowMs: number): SyslogLine | undefined {
  const text = line.slice(0, SYSLOG_CHARS_MAX).replace(/^<\d{1,3}>/, '');
  const time = classicTime(text, nowMs) ?? isoTime(text);
  if (time === undefined) return undefined;
  const rest = text.slice(time.length);
  const hostEnd = rest.indexOf(' ');
  if (hostEnd <= 0) return undefined;
  const tagged = rest.slice(hostEnd + 1);
  const colon = tagged.indexOf(': ');
  const end = colon < 0 && tagged.endsWith(':') ? tagged.length - 1 : colon;
  if (end <= 0 || end > PROGRAM_CHARS_MAX + 16) return undefined;
  const tag = /^([^\s[\]]+)(?:\[(\d{1,10})\])?$/.exec(tagged.slice(0, end));
  if (tag?.[1] === undefined) return undefined;
  return {
    timeNs: time.ns,
    host: rest.slice(0, Math.min(hostEnd, 253)),
    program: baseName(tag[1]).slice(0, PROGRAM_CHARS_MAX),
    pid: tag[2] === undefined ? undefined : Number(tag[2]),
    message: tagged.slice(end + 2),
  };
}

/** `/usr/sbin/sshd` logs like `sshd`. */
function baseName(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1) || program;
}

type Time = { readonly ns: bigint; readonly length: number };

/**
 * A time without a year belongs to the latest year in which it is not over a day ahead of now: lines of
 * December are read in January, and a clock may run a little ahead or live in another time zone.
 */
function classicTime(text: string, nowMs: number): Time | undefined {
  const match = CLASSIC.exec(text);
  if (match === null) return undefined;
  const [whole, monthName = '', day, hour, minute, second, givenYear] = match;
  const month = MONTHS.indexOf(monthName);
  const parts = [Number(day), Number(hour), Number(minute), Number(second)] as const;
  if (month < 0 || !isClock(parts[1], parts[2], parts[3])) return undefined;
  const year = givenYear === undefined ? new Date(nowMs + DAY_MS).getFullYear() : Number(givenYear);
  const yearsBack = givenYear === undefined ? YEARS_BACK_MAX : 0;
  for (let back = 0; back <= yearsBack; back += 1) {
    const date = new Date(year - back, month, ...parts);
    const isThatDay = date.getMonth() === month && date.getDate() === parts[0];
    if (!isThatDay || (givenYear === undefined && date.getTime() > nowMs + DAY_MS)) continue;
    return { ns: BigInt(date.getTime()) * 1_000_000n, length: whole.length };
  }
  return undefined;
}

/** Without a zone the time is local, as ECMAScript reads it too. */
function isoTime(text: string): Time | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [whole, date, clock, fraction = '', zone = ''] = match;
  const ms = Date.parse(
    `${date}T${clock}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`,
  );
  if (!Number.isFinite(ms) || ms < 0) return undefined;
  return { ns: BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0')), length: whole.length };
}

function isClock(hour: number, minute: number, second: number): boolean {
  return hour < 24 && minute < 60 && second <= 60;
}
