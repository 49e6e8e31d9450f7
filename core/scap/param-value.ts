import type { ArgValue } from '../events/syscall.ts';
import { errnoName, signalName } from '../fields/errno-names.ts';
import type { CaptureEvent } from './capture-event.ts';
import type { ParamDef, ParamType } from './event-defs.ts';
import type { EventParams } from './event-params.ts';
import { ipv4Text, ipv6Text } from './ip.ts';
import { addressParamText, tupleParamText } from './param-text.ts';
import { printable, resolvePath } from './path.ts';
import { AT_FDCWD, directoryOf } from './state-files.ts';
import { syscallName } from './syscall-name.ts';

/** Number as printf prints it with %g: six significant digits. */
function general(value: number): string {
  const text = String(Number(value.toPrecision(6)));
  return value !== 0 && Math.abs(value) < 1e-4
    ? value
        .toExponential(5)
        .replace(/\.?0+e/, 'e')
        .replace(/e-(\d)$/, 'e-0$1')
    : text;
}

/** Buffers are shown with dots for what does not print. */
export function bufferText(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) {
    out += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
  }
  return out;
}

function integer(params: EventParams, at: number): bigint {
  const start = params.start(at);
  switch (params.length(at)) {
    case 1:
      return BigInt(params.view.getUint8(start));
    case 2:
      return BigInt(params.view.getUint16(start, true));
    case 4:
      return BigInt(params.view.getUint32(start, true));
    case 8:
      return params.view.getBigUint64(start, true);
    default:
      return 0n;
  }
}

const SIGNED: ReadonlySet<string> = new Set(['i8', 'i16', 'i32', 'i64', 'fd', 'pid', 'errno']);
const NUMBERS: ReadonlySet<string> = new Set([
  ...SIGNED,
  'u8',
  'u16',
  'u32',
  'u64',
  'flags',
  'enum',
  'uid',
  'gid',
  'bool',
  'syscall',
  'signal',
  'reltime',
  'abstime',
  'mode',
]);

/** A path or text; a null pointer is `<NA>`, as today's events have it. */
function textOf({ params, merged }: CaptureEvent, at: number): string {
  const text = params.text(at);
  return merged && (params.length(at) === 0 || text === '(NULL)') ? '<NA>' : text;
}

/** Value of a parameter in its native type; undefined when the event has none. */
export function paramValue(event: CaptureEvent, at: number): ArgValue | undefined {
  const { params, def } = event;
  const param = def.params[at];
  const length = params.length(at);
  if (param === undefined || length < 0) return undefined;
  if (NUMBERS.has(param.type)) {
    if (length === 0) return undefined;
    const raw = integer(params, at);
    const value = SIGNED.has(param.type) ? BigInt.asIntN(length * 8, raw) : raw;
    const small = Number(value);
    return Number.isSafeInteger(small) ? small : value;
  }
  if (param.type === 'text' || param.type === 'path' || param.type === 'relpath') return textOf(event, at);
  if (param.type === 'bytes' || param.type === 'dynamic') return params.raw(at);
  return paramText(event, at);
}

/** What stands in parentheses behind a parameter's plain text; empty when nothing does. */
let resolved = '';

/** Text of a parameter as `evt.args` prints it: plain, and what it resolves to in parentheses. */
export function paramWithResolved(event: CaptureEvent, at: number): string {
  const plain = plainText(event, at);
  return resolved === '' ? plain : `${plain}(${resolved})`;
}

/** Text of a parameter as `evt.arg` compares it: what it resolves to, or else the plain text. */
export function paramText(event: CaptureEvent, at: number): string {
  const plain = plainText(event, at);
  return resolved === '' ? plain : resolved;
}

/** Types whose values could always be empty: Falco 0.44 still says NULL of them. */
const COULD_BE_EMPTY: ReadonlySet<string> = new Set([
  'bytes',
  'tuple',
  'fdlist',
  'texts',
  'pairs',
  'dynamic',
]);

/** Text of a parameter that is there and empty. */
function emptyText(event: CaptureEvent, type: ParamType | undefined): string {
  if (event.merged) return type !== undefined && COULD_BE_EMPTY.has(type) ? 'NULL' : '<NA>';
  return type === 'bytes' ? '' : 'NULL';
}

function plainText(event: CaptureEvent, at: number): string {
  resolved = '';
  const { params, def } = event;
  const param = def.params[at];
  if (param === undefined || params.length(at) <= 0) return emptyText(event, param?.type);
  switch (param.type) {
    case 'fd':
      return fdText(event, params.length(at) === 4 ? params.i32(at) : params.i64(at, 0));
    case 'pid': {
      const pid = params.length(at) === 4 ? params.i32(at) : params.i64(at, 0);
      resolved = event.table.get(pid)?.comm ?? '';
      return String(pid);
    }
    case 'errno':
      return errnoText(params.i64(at, 0));
    case 'text':
      return textOf(event, at);
    case 'path':
    case 'relpath':
      return pathText(event, at, param);
    case 'bytes':
      return bufferText(params.raw(at));
    case 'sockaddr':
      return addressParamText(params.raw(at));
    case 'tuple':
      return tupleParamText(params.raw(at));
    case 'fdlist':
      return fdListText(event, at);
    case 'syscall':
      resolved = syscallName(params.u16(at), event.merged);
      return String(params.u16(at));
    case 'signal':
      resolved = signalName(params.u8(at));
      return String(params.u8(at));
    case 'reltime':
      return relativeTime(params.u64(at));
    case 'abstime':
      return event.merged ? localTime(params.u64(at)) : String(params.u64(at));
    case 'flags':
    case 'enum':
    case 'mode':
      return flagsText(event, at, param);
    case 'uid':
    case 'gid':
      return idText(event, at, param.type);
    case 'dynamic':
      return dynamicText(event, at, param);
    case 'double':
      return general(params.view.getFloat64(params.start(at), true));
    case 'texts':
      return params.texts(at).join('.');
    case 'pairs':
      return params.texts(at).join(',');
    case 'ipv4':
      return ipv4Text(params.u32(at));
    case 'ipv6':
      return params.length(at) === 16 ? ipv6Text(params.bytes, params.start(at)) : 'INVALID IPv6';
    default:
      return numberText(integer(params, at), params.length(at), param);
  }
}

/** Decimal integers are printed signed from 32 bits on, as printf's %d does. */
function numberText(value: bigint, length: number, param: ParamDef): string {
  if (param.base === 'hex') return value.toString(16).toUpperCase();
  if (param.base === 'oct') return value === 0n ? '0' : `0${value.toString(8)}`;
  const signed = length >= 4 || SIGNED.has(param.type);
  return String(signed ? BigInt.asIntN(length * 8, value) : value);
}

function errnoText(value: number): string {
  if (value < 0) resolved = errnoName(-value);
  return String(value);
}

function fdText(event: CaptureEvent, number: number): string {
  if (event.thread === undefined) return String(number);
  if (number === AT_FDCWD) resolved = 'AT_FDCWD';
  else if (number < 0) resolved = errnoName(-number);
  else {
    const fd = event.thread.fd(number);
    if (fd !== undefined) {
      const l4 = fd.isConnection || fd.isListening ? L4_LETTERS[fd.l4Name] : '';
      resolved = `<${fd.typechar}${l4}>${printable(fd.name)}`;
    }
  }
  return String(number);
}

const L4_LETTERS = { tcp: 't', udp: 'u', icmp: 'i', raw: 'r', na: '' } as const;

function pathText(event: CaptureEvent, at: number, param: ParamDef): string {
  const path = textOf(event, at);
  const { thread } = event;
  if (thread !== undefined && path !== '<NA>' && path !== '' && !path.startsWith('/')) {
    const dirfd = param.dirfd < 0 ? AT_FDCWD : event.params.i64(param.dirfd, AT_FDCWD);
    resolved = resolvePath(directoryOf(thread, path, dirfd) ?? '', path);
  }
  return printable(path);
}

function fdListText(event: CaptureEvent, at: number): string {
  const { params, thread } = event;
  const end = params.start(at + 1);
  const out: string[] = [];
  let position = params.start(at) + 2;
  for (let left = params.u16(at); left > 0 && position + 10 <= end; left--, position += 10) {
    const number = params.view.getBigInt64(position, true);
    const flags = params.view.getInt16(position + 8, true) >>> 0;
    out.push(`${number}:${thread?.fd(Number(number))?.typechar ?? '?'}${flags.toString(16)}`);
  }
  return out.join(' ');
}

const FOREVER = 0xffffffffffffffffn;

function relativeTime(ns: bigint): string {
  if (ns === FOREVER) return 'none';
  resolved = `${general(Number(ns) / 1e9)}s`;
  return String(ns);
}

/** Date and time of this machine's zone, to the nanosecond. */
function localTime(ns: bigint): string {
  const date = new Date(Number(ns / 1_000_000n));
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${day} ${time}.${String(ns % 1_000_000_000n).padStart(9, '0')}`;
}

function flagsText({ params, merged }: CaptureEvent, at: number, param: ParamDef): string {
  const value = Number(integer(params, at) & 0xffffffffn);
  const names: string[] = [];
  let left = value;
  for (const flag of param.flags ?? []) {
    const whole = flag.value === value;
    const isPart = flag.value !== 0 && left !== 0 && (left & flag.value) >>> 0 === flag.value;
    const part = isPart && param.type !== 'enum';
    // Falco names a combination only while it has something left to name, and gives a choice all its names.
    const named = merged && param.type === 'flags' && value !== 0 ? part : whole || part;
    if (!named) continue;
    names.push(flag.name);
    if (whole && !(merged && param.type === 'enum')) break;
    left = (left & ~flag.value) >>> 0;
  }
  resolved = names.join('|');
  return param.type === 'mode' ? numberText(BigInt(value), 4, param) : String(value);
}

const NO_ID = 0xffffffff;

function idText(event: CaptureEvent, at: number, type: 'uid' | 'gid'): string {
  const id = event.params.u32(at);
  if (id === NO_ID) {
    resolved = '<NONE>';
    return '-1';
  }
  const container = event.thread?.container;
  const name = type === 'uid' ? event.table.user(id, container)?.name : event.table.group(id, container);
  resolved = (event.thread === undefined ? undefined : name) ?? '<NA>';
  return String(id | 0);
}

/** The first byte of a dynamic parameter tells the type of the rest. */
const DYNAMIC: Readonly<Record<string, readonly string[]>> = {
  val: ['bytes', 'errno', 'u32', 'u64', 'reltime'],
  res_or_fd: ['fd', 'errno'],
};
const PTRACE = ['u64', 'signal'];

function dynamicText(event: CaptureEvent, at: number, param: ParamDef): string {
  const { params } = event;
  const type = (DYNAMIC[param.name] ?? PTRACE)[params.u8(at)];
  const start = params.start(at) + 1;
  const left = params.length(at) - 1;
  const value =
    left === 8
      ? params.view.getBigUint64(start, true)
      : left === 4
        ? BigInt(params.view.getUint32(start, true))
        : 0n;
  switch (type) {
    case 'errno':
      return errnoText(Number(BigInt.asIntN(64, value)));
    case 'fd':
      return fdText(event, Number(BigInt.asIntN(64, value)));
    case 'signal':
      resolved = signalName(params.bytes[start] ?? 0);
      return String(params.bytes[start] ?? 0);
    case 'reltime':
      return relativeTime(value);
    case 'u32':
    case 'u64':
      return numberText(value, left, param);
    default:
      return left === 0 ? 'NULL' : bufferText(params.bytes.subarray(start, start + left));
  }
}
