import type { SyscallEvent } from '../events/syscall.ts';
import { data } from './event-data.ts';

export type SyslogMessage = { readonly severity: number; readonly facility: number; readonly text: string };

export const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'] as const;
export const FACILITIES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'clock', 'authpriv', 'ftp'],
  ...['ntp', 'logaudit', 'logalert', 'cron'],
  ...['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
] as const;

/** Digits of the priority that are read. Source: libsinsp sinsp_syslog_decoder. */
const PRIORITY_CHARS_MAX = 15;
const END = 0x3e;
const decoder = new TextDecoder();

/** Whether something is written to the socket of syslog. */
export function isSyslog(event: SyscallEvent): boolean {
  const fd = event.parameters ? event.usedFd : event.fd;
  return Boolean(event.writesFd && fd?.name.includes('/dev/log'));
}

/** The message that an event writes to syslog: `<priority>text`. */
export function syslogMessage(event: SyscallEvent): SyslogMessage | undefined {
  if (event.dir !== '<' || (event.res ?? -1) < 0 || !isSyslog(event)) return undefined;
  const bytes = data(event);
  if (!bytes) return undefined;
  let end = 1;
  while (end < bytes.length && end <= PRIORITY_CHARS_MAX && bytes[end] !== END && bytes[end] !== 0) end++;
  const digits = decoder.decode(bytes.subarray(1, end));
  if (!/^\d{1,9}$/.test(digits) || end >= bytes.length) return undefined;
  const priority = Number(digits);
  return { severity: priority & 7, facility: priority >> 3, text: decoder.decode(bytes.subarray(end + 1)) };
}

/** The line that evt.info shows for a message to syslog. */
export function syslogLine(event: SyscallEvent): string | undefined {
  const message = syslogMessage(event);
  return message && `syslog sev=${SEVERITIES[message.severity]} msg=${message.text}`;
}
