import type { EngineEvent, SyscallEvent } from '../events/syscall.ts';
import { asText, at } from './json.ts';
import { type FieldDef, syscallFields, type Value } from './types.ts';

const define = syscallFields('evt');

const ERRNO_NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  'EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP - ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH ENOCSI EL2HLT EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS'
    .split(' ')
    .map((name, index) => [index + 1, name]),
);

function resultText(event: SyscallEvent): string | undefined {
  if (event.res === undefined) return undefined;
  if (event.res >= 0) return 'SUCCESS';
  return ERRNO_NAMES[-event.res] ?? String(event.res);
}

/** Text of one parameter, as `evt.arg.NAME` compares and prints it. */
export function argText(event: SyscallEvent, name: string): string | undefined {
  const rendered = event.argText[name];
  if (rendered !== undefined) return rendered;
  const value = event.args[name];
  if (value === undefined) return undefined;
  if (value instanceof Uint8Array) return printable(value);
  return Array.isArray(value) ? value.join(' ') : String(value);
}

/** Bytes as text, everything unprintable as a dot. */
export function printable(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
  return out;
}

function argByNameOrIndex(event: SyscallEvent, argument: string): string | undefined {
  if (!/^\d+$/.test(argument)) return argText(event, argument);
  const name = Object.keys(event.args)[Number(argument)];
  return name === undefined ? undefined : argText(event, name);
}

function argsText(event: SyscallEvent): string {
  return Object.keys(event.args)
    .map((name) => `${name}=${argText(event, name) ?? ''} `)
    .join('');
}

const OPENS: ReadonlySet<string> = new Set(['open', 'openat', 'openat2', 'open_by_handle_at']);
// Falco's own flag encoding (PPM_O_*), not the kernel's.
const O_RDONLY = 1;
const O_WRONLY = 2;
const O_CREAT = 4;
const O_TMPFILE = 1 << 13;
const F_CREATED = 1 << 14;
const ANY_EXEC = 0o111;

const number = (value: unknown): number => (typeof value === 'number' ? value : Number(value ?? 0) || 0);

function opensWith(mask: number): (e: SyscallEvent) => boolean {
  return (e) => OPENS.has(e.type) && e.dir === '<' && (number(e.args.flags) & mask) !== 0;
}

function opensForExec(e: SyscallEvent): boolean {
  if (e.dir !== '<' || (!OPENS.has(e.type) && e.type !== 'creat')) return false;
  const creates = e.type === 'creat' || (number(e.args.flags) & (O_CREAT | O_TMPFILE)) !== 0;
  return creates && (number(e.args.mode) & ANY_EXEC) !== 0;
}

/** A field of both sources. */
function shared(
  name: string,
  type: FieldDef['type'],
  help: string,
  read: (event: EngineEvent) => Value | undefined,
): FieldDef {
  return { name, class: 'evt', type, help, cardinality: 'one', source: undefined, bind: () => read };
}

const SECOND_NS = 1_000_000_000n;
const pad = (n: number | bigint, width = 2): string => String(n).padStart(width, '0');

function clock(timeNs: bigint): string {
  const date = new Date(Number(timeNs / 1_000_000n));
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(timeNs % SECOND_NS, 9)}`;
}

function iso8601(timeNs: bigint): string {
  const date = new Date(Number(timeNs / 1_000_000n)).toISOString();
  return `${date.slice(0, 19)}.${pad(timeNs % SECOND_NS, 9)}+0000`;
}

const KEY = { form: 'key', required: true } as const;

export const EVT_FIELDS: readonly FieldDef[] = [
  define('evt.num', 'number', 'Number of the event, counted from 1', (e) => e.num),
  shared('evt.time', 'string', 'Time of day with nanoseconds', (e) => clock(e.timeNs)),
  shared('evt.time.s', 'string', 'Time of day in seconds', (e) => clock(e.timeNs).slice(0, 8)),
  shared('evt.time.iso8601', 'string', 'ISO 8601 time with nanoseconds', (e) => iso8601(e.timeNs)),
  shared('evt.datetime', 'string', 'Date and time', (e) => iso8601(e.timeNs).slice(0, 29).replace('T', ' ')),
  shared('evt.rawtime', 'number', 'Time in ns since the epoch', (e) => e.timeNs),
  shared('evt.rawtime.s', 'number', 'Time in seconds since the epoch', (e) => e.timeNs / SECOND_NS),
  shared('evt.rawtime.ns', 'number', 'Nanoseconds within the second', (e) => e.timeNs % SECOND_NS),
  shared('evt.type', 'string', 'Name of the system call, or the audit verb', (e) =>
    e.source === 'syscall' ? e.type : asText(at(e.raw, 'verb')),
  ),
  shared('evt.source', 'string', 'What saw the event: syscall, k8s_audit …', (e) => e.source),
  shared('evt.is_async', 'bool', 'The event is asynchronous', () => false),
  define('evt.dir', 'string', '> enter, < exit', (e) => e.dir),
  define('evt.cpu', 'number', 'CPU on which it happened', (e) => e.cpu),
  define('evt.res', 'string', 'SUCCESS or the error name', resultText),
  define('evt.rawres', 'number', 'Return value', (e) => e.res),
  define('evt.failed', 'bool', 'The call returned an error', (e) =>
    e.res === undefined ? undefined : e.res < 0,
  ),
  define('evt.count', 'number', 'Always 1', () => 1),
  define('evt.args', 'string', 'All parameters as name=value', argsText),
  define('evt.arg', 'string', 'One parameter by name or position, as text', argByNameOrIndex, {
    argument: KEY,
  }),
  define(
    'evt.rawarg',
    'bytes',
    'One parameter in its native type',
    (e, name) => {
      const value = e.args[name];
      return Array.isArray(value) ? value.join(' ') : value;
    },
    { argument: KEY },
  ),
  define('evt.info', 'string', 'All parameters as name=value', argsText),
  define('evt.buffer', 'bytes', 'Data read or written', (e) => bytesOf(e.args.data)),
  define('evt.buflen', 'number', 'Length of the data', (e) => bytesOf(e.args.data)?.length),
  define('evt.is_open_read', 'bool', 'A file was opened for reading', opensWith(O_RDONLY)),
  define('evt.is_open_write', 'bool', 'A file was opened for writing', opensWith(O_WRONLY)),
  define('evt.is_open_exec', 'bool', 'A file was created executable', opensForExec),
  define('evt.is_open_create', 'bool', 'The open created the file', (e) => opensWith(F_CREATED)(e)),
  define('evt.hostname', 'string', 'Name of the node', (e) => e.thread?.container?.node),
  define('evt.category', 'string', 'Event category of the driver', () => undefined),
  shared('evt.pluginname', 'string', 'Plugin that made the event', () => undefined),
  shared('evt.plugininfo', 'string', 'Summary made by the plugin', () => undefined),
  shared('evt.asynctype', 'string', 'Name of an asynchronous event', () => undefined),
];

function bytesOf(value: unknown): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined;
}
