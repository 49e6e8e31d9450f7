import type { EngineEvent, SyscallEvent } from '../events/syscall.ts';
import { errnoName } from './errno-names.ts';
import { data, printable, rawArg } from './event-data.ts';
import { asText, at } from './json.ts';
import { isSyslog, syslogLine } from './syslog-message.ts';
import { type FieldDef, syscallFields, type Value } from './types.ts';

const define = syscallFields('evt');

function resultText(event: SyscallEvent): string | undefined {
  if (event.res === undefined) return undefined;
  if (event.res >= 0) return 'SUCCESS';
  return errnoName(-event.res) || String(event.res);
}

/** Text of one parameter, as `evt.arg.NAME` compares and prints it. */
export function argText(event: SyscallEvent, name: string): string | undefined {
  const { parameters } = event;
  if (parameters) return parameters.textOf(parameters.indexOf(name));
  const rendered = event.argText[name];
  if (rendered !== undefined) return rendered;
  const value = event.args[name];
  if (value === undefined) return undefined;
  if (value instanceof Uint8Array) return printable(value);
  return Array.isArray(value) ? value.join(' ') : String(value);
}

/** Names of the event's parameters, in order. */
export function argNames(event: SyscallEvent): readonly string[] {
  const { parameters } = event;
  if (!parameters) return Object.keys(event.args);
  return Array.from({ length: parameters.count }, (_, i) => parameters.nameOf(i));
}

const POSITION = /^\d+$/;

function argByNameOrIndex(argument: string): (event: SyscallEvent) => string | undefined {
  if (!POSITION.test(argument)) return (event) => argText(event, argument);
  const position = Number(argument);
  return (event) => {
    if (event.parameters) return event.parameters.textOf(position);
    const name = Object.keys(event.args)[position];
    return name === undefined ? undefined : argText(event, name);
  };
}

function argsText(event: SyscallEvent): string {
  if (event.parameters) return event.parameters.allText();
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

/** Flags and mode of an event that opens a file; undefined for every other. */
function opening(e: SyscallEvent): { flags: number; mode: number } | undefined {
  if (e.parameters) return e.opening;
  if (e.dir !== '<' || !(OPENS.has(e.type) || e.type === 'creat')) return undefined;
  return { flags: number(e.args.flags), mode: number(e.args.mode) };
}

function opensWith(mask: number): (e: SyscallEvent) => boolean {
  return (e) => e.type !== 'creat' && ((opening(e)?.flags ?? 0) & mask) !== 0;
}

function opensForExec(e: SyscallEvent): boolean {
  const opened = opening(e);
  if (opened === undefined) return false;
  const creates = e.type === 'creat' || (opened.flags & (O_CREAT | O_TMPFILE)) !== 0;
  return creates && (opened.mode & ANY_EXEC) !== 0;
}

const failed = (e: SyscallEvent): boolean => e.res !== undefined && e.res < 0;

/** 1 for a failed event of the kind, for counting. */
function failure(name: string, what: string, applies: (e: SyscallEvent) => boolean): FieldDef {
  return define(name, 'number', `1 for a failed event${what}`, (e) =>
    failed(e) && applies(e) ? 1 : undefined,
  );
}

const OPEN_CALLS: ReadonlySet<string> = new Set(['open', 'openat', 'creat', 'openat2']);
const CONNECTION_CALLS: ReadonlySet<string> = new Set(['accept', 'accept4', 'connect']);
const kind = (e: SyscallEvent): string | undefined => (e.parameters ? e.usedFd : e.fd)?.typechar;
const onFile = (e: SyscallEvent): boolean => {
  const type = kind(e);
  return type === undefined ? OPEN_CALLS.has(e.type) : type === 'f' || type === 'd';
};
const onNetwork = (e: SyscallEvent): boolean => {
  const type = kind(e);
  return type === undefined ? CONNECTION_CALLS.has(e.type) : type === '4' || type === '6' || type === 'u';
};
const onMemory = (e: SyscallEvent): boolean => e.category === 'memory';

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

/** Local date of a time, as `2026-01-31 23:59:59`. */
function localDate(timeNs: bigint): string {
  const date = new Date(Number(timeNs / 1_000_000n));
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

const fraction = (timeNs: bigint): string => `.${pad(timeNs % SECOND_NS, 9)}`;

function iso8601(timeNs: bigint): string {
  const date = new Date(Number(timeNs / 1_000_000n)).toISOString();
  return `${date.slice(0, 19)}${fraction(timeNs)}+0000`;
}

/** The three fields of a span of time: ns, whole seconds, ns within the second. */
function span(name: string, help: string, read: (event: SyscallEvent) => bigint | undefined): FieldDef[] {
  return [
    define(name, 'number', `${help}, ns`, read),
    define(`${name}.s`, 'number', `${help}, whole seconds`, (e) => {
      const value = read(e);
      return value === undefined ? undefined : value / SECOND_NS;
    }),
    define(`${name}.ns`, 'number', `${help}, ns within the second`, (e) => {
      const value = read(e);
      return value === undefined ? undefined : value % SECOND_NS;
    }),
  ];
}

/** Time since the event before for which the same field was asked. */
function delta(name: string, help: string, unit: (ns: bigint) => bigint): FieldDef {
  return {
    name,
    class: 'evt',
    type: 'number',
    help,
    cardinality: 'one',
    source: 'syscall',
    bind: () => {
      let before: bigint | undefined;
      return (event) => {
        const ns = before === undefined ? 0n : event.timeNs - before;
        before = event.timeNs;
        return unit(ns);
      };
    },
  };
}

const two = (n: bigint, unit: bigint, name: string): string =>
  `${n / unit}.${pad(((n % unit) * 100n) / unit)}${name}`;

/** A time with its unit, cut and not rounded. Source: sinsp_filter_check_reference. */
function human(ns: bigint): string {
  if (ns >= SECOND_NS) return two(ns, SECOND_NS, 's');
  if (ns >= 10_000_000n) return `${ns / 1_000_000n}ms`;
  if (ns >= 1_000_000n) return two(ns, 1_000_000n, 'ms');
  if (ns >= 10_000n) return `${ns / 1_000n}us`;
  return ns >= 1_000n ? two(ns, 1_000n, 'us') : `${ns}ns`;
}

/** Category of the event itself, where a capture tells it: that of a descriptor stands in for it in evt.category. */
const transfers = (e: SyscallEvent & { readonly def?: { readonly category: string } }): boolean =>
  e.def?.category.startsWith('io_') ?? false;

const PATHS = { '': 0, src: 1, dst: 2 } as const;
const KEY = { form: 'key', required: true } as const;
const OPTIONAL_KEY = { form: 'key', required: false } as const;

export const EVT_FIELDS: readonly FieldDef[] = [
  define('evt.num', 'number', 'Number of the event, counted from 1', (e) => e.num),
  shared('evt.time', 'string', 'Time of day with nanoseconds', (e) =>
    localDate(e.timeNs).slice(11).concat(fraction(e.timeNs)),
  ),
  shared('evt.time.s', 'string', 'Time of day in seconds', (e) => localDate(e.timeNs).slice(11)),
  shared('evt.time.iso8601', 'string', 'ISO 8601 time with nanoseconds', (e) => iso8601(e.timeNs)),
  shared('evt.datetime', 'string', 'Date and time', (e) => localDate(e.timeNs) + fraction(e.timeNs)),
  shared('evt.datetime.s', 'string', 'Date and time in seconds', (e) => localDate(e.timeNs)),
  shared('evt.rawtime', 'number', 'Time in ns since the epoch', (e) => e.timeNs),
  shared('evt.rawtime.s', 'number', 'Time in seconds since the epoch', (e) => e.timeNs / SECOND_NS),
  shared('evt.rawtime.ns', 'number', 'Nanoseconds within the second', (e) => e.timeNs % SECOND_NS),
  ...span('evt.reltime', 'Time since the first event', (e) => e.relativeNs),
  ...span('evt.latency', 'Time from the enter event to its exit', (e) => e.latencyNs),
  define('evt.latency.human', 'string', 'The latency with a unit', (e) =>
    e.latencyNs === undefined ? undefined : human(e.latencyNs),
  ),
  delta('evt.deltatime', 'Time since the event before, ns', (ns) => ns),
  delta('evt.deltatime.s', 'Time since the event before, whole seconds', (ns) => ns / SECOND_NS),
  delta('evt.deltatime.ns', 'Time since the event before, ns within the second', (ns) => ns % SECOND_NS),
  define('evt.wait_latency', 'number', 'Time that a waiting call took, ns', (e) =>
    e.waits && e.dir === '<' ? (e.latencyNs ?? 0n) : undefined,
  ),
  shared('evt.type', 'string', 'Name of the system call, or the audit verb', (e) =>
    e.source === 'syscall' ? e.type : asText(at(e.raw, 'verb')),
  ),
  define('evt.type.is', 'number', '1 for events of the type', (e, type) => (e.type === type ? 1 : 0), {
    argument: KEY,
  }),
  define('syscall.type', 'string', 'Name of the system call; none for the driver’s own events', (e) =>
    e.isSyscall === false ? undefined : e.type,
  ),
  shared('evt.source', 'string', 'What saw the event: syscall, k8s_audit …', (e) => e.source),
  shared('evt.is_async', 'bool', 'The event is asynchronous', (e) =>
    e.source === 'syscall' ? e.type === 'asyncevent' : false,
  ),
  define('evt.dir', 'string', '> enter, < exit', (e) => e.dir),
  define('evt.cpu', 'number', 'CPU on which it happened', (e) => e.cpu),
  define('evt.res', 'string', 'SUCCESS or the error name', resultText),
  define('evt.rawres', 'number', 'Return value', (e) => e.res),
  define('evt.failed', 'bool', 'The call returned an error', (e) =>
    e.res === undefined && !e.parameters ? undefined : failed(e),
  ),
  define('evt.count', 'number', 'Always 1', () => 1),
  failure('evt.count.error', '', () => true),
  failure('evt.count.error.file', ' on files', onFile),
  failure('evt.count.error.net', ' on sockets', onNetwork),
  failure('evt.count.error.memory', ' on memory', onMemory),
  failure('evt.count.error.other', ' on anything else', (e) => !onFile(e) && !onNetwork(e) && !onMemory(e)),
  define('evt.count.exit', 'number', '1 for exit events', (e) => (e.dir === '<' ? 1 : undefined)),
  define('evt.args', 'string', 'All parameters as name=value', argsText),
  {
    name: 'evt.arg',
    class: 'evt',
    type: 'string',
    help: 'One parameter by name or position, as text',
    cardinality: 'one',
    source: 'syscall',
    argument: KEY,
    bind: (argument) => {
      const read = argByNameOrIndex(argument ?? '');
      return (event) => (event.source === 'syscall' ? read(event) : undefined);
    },
  },
  define('evt.rawarg', 'bytes', 'One parameter in its native type', rawArg, { argument: KEY }),
  define(
    'evt.info',
    'string',
    'All parameters as name=value; of a message to syslog what it says',
    (e) => syslogLine(e) ?? argsText(e),
  ),
  define('evt.buffer', 'bytes', 'Data read or written', data),
  define('evt.buflen', 'number', 'Length of the data', (e) => {
    if (!e.parameters) return data(e)?.length;
    return e.dir === '<' && e.usedFd && transfers(e) && !failed(e) ? e.res : undefined;
  }),
  define('evt.is_io', 'bool', 'Data is read from or written to a descriptor', (e) =>
    Boolean(e.readsFd || e.writesFd),
  ),
  define('evt.is_io_read', 'bool', 'Data is read from a descriptor', (e) => Boolean(e.readsFd)),
  define('evt.is_io_write', 'bool', 'Data is written to a descriptor', (e) => Boolean(e.writesFd)),
  define('evt.io_dir', 'string', 'read or write', (e) =>
    e.writesFd ? 'write' : e.readsFd ? 'read' : undefined,
  ),
  define('evt.is_wait', 'bool', 'The call waits for something', (e) => Boolean(e.waits)),
  define('evt.is_syslog', 'bool', 'Something is written to /dev/log', (e) => isSyslog(e)),
  define('evt.is_open_read', 'bool', 'A file was opened for reading', opensWith(O_RDONLY)),
  define('evt.is_open_write', 'bool', 'A file was opened for writing', opensWith(O_WRONLY)),
  define('evt.is_open_exec', 'bool', 'A file was created executable', opensForExec),
  define('evt.is_open_create', 'bool', 'The open created the file', opensWith(F_CREATED)),
  define(
    'evt.abspath',
    'path',
    'Full path of a call that names a directory; src and dst of one that names two',
    (e, argument) => e.absolutePath?.(PATHS[argument as keyof typeof PATHS] ?? 0),
    { argument: OPTIONAL_KEY },
  ),
  define('evt.hostname', 'string', 'Name of the node', (e) => e.thread?.container?.node),
  define('evt.category', 'string', 'Event category: file, net, process …', (e) => e.category),
  shared('evt.pluginname', 'string', 'Plugin that made the event', () => undefined),
  shared('evt.plugininfo', 'string', 'Summary made by the plugin', () => undefined),
  shared('evt.asynctype', 'string', 'Name of an asynchronous event', () => undefined),
];
