import { CURRENT_EVENTS } from './event-table-current.ts';
import { LEGACY_EVENTS } from './event-table-legacy.ts';
import { type FlagTable, flagTable } from './flag-table.ts';
import { paramSize } from './param-size.ts';

/** How a parameter's bytes are read and printed. Source: falcosecurity/libs driver/ppm_events_public.h. */
export type ParamType =
  | 'i8'
  | 'i16'
  | 'i32'
  | 'i64'
  | 'u8'
  | 'u16'
  | 'u32'
  | 'u64'
  | 'text'
  | 'bytes'
  | 'errno'
  | 'sockaddr'
  | 'tuple'
  | 'fd'
  | 'pid'
  | 'fdlist'
  | 'path'
  | 'relpath'
  | 'syscall'
  | 'signal'
  | 'reltime'
  | 'abstime'
  | 'bool'
  | 'dynamic'
  | 'flags'
  | 'enum'
  | 'uid'
  | 'gid'
  | 'double'
  | 'texts'
  | 'pairs'
  | 'ipv4'
  | 'ipv6'
  | 'mode';

export type ParamDef = {
  readonly name: string;
  readonly type: ParamType;
  /** Bytes of a value; 0 when its length varies. */
  readonly size: number;
  readonly base: 'dec' | 'hex' | 'oct';
  readonly flags: FlagTable | undefined;
  /** For a path relative to a directory: position of the descriptor parameter. */
  readonly dirfd: number;
};

export type EventDef = {
  readonly id: number;
  readonly name: string;
  readonly dir: '<' | '>';
  /** Driver category in lower case, e.g. `file`, `io_read`, `internal`. */
  readonly category: string;
  readonly flags: number;
  readonly params: readonly ParamDef[];
  readonly index: ReadonlyMap<string, number>;
  /** Position of the descriptor that an exit event works on; -1 when it has none. */
  readonly fdAt: number;
  /** Position of the return value among the parameters of an exit event; -1 when it has none. */
  readonly resAt: number;
};

export const CREATES_FD = 1;
export const USES_FD = 2;
export const DESTROYS_FD = 4;
export const READS_FROM_FD = 8;
export const WRITES_TO_FD = 16;
export const MODIFIES_STATE = 32;
export const SKIPS_PARSER = 64;
export const LARGE_PAYLOAD = 128;
export const WAITS = 256;
export const ANY_FD = CREATES_FD | USES_FD | DESTROYS_FD;

/** Events that the enter-and-exit era knew; later ones are read with exit events only. */
const LEGACY_EVENTS_MAX = 336;

const FLAG_LETTERS = 'CUDRWMSLV';

const TYPES: Readonly<Record<string, ParamType>> = {
  INT8: 'i8',
  INT16: 'i16',
  INT32: 'i32',
  INT64: 'i64',
  UINT8: 'u8',
  UINT16: 'u16',
  UINT32: 'u32',
  UINT64: 'u64',
  CHARBUF: 'text',
  BYTEBUF: 'bytes',
  ERRNO: 'errno',
  SOCKADDR: 'sockaddr',
  SOCKTUPLE: 'tuple',
  FD: 'fd',
  FD32: 'fd',
  PID: 'pid',
  PID32: 'pid',
  FDLIST: 'fdlist',
  FSPATH: 'path',
  FSRELPATH: 'relpath',
  SYSCALLID: 'syscall',
  SIGTYPE: 'signal',
  RELTIME: 'reltime',
  ABSTIME: 'abstime',
  PORT: 'u16',
  L4PROTO: 'u8',
  SOCKFAMILY: 'u8',
  BOOL: 'bool',
  DYN: 'dynamic',
  FLAGS8: 'flags',
  FLAGS16: 'flags',
  FLAGS32: 'flags',
  ENUMFLAGS8: 'enum',
  ENUMFLAGS16: 'enum',
  ENUMFLAGS32: 'enum',
  UID: 'uid',
  GID: 'gid',
  DOUBLE: 'double',
  SIGSET: 'u32',
  CHARBUFARRAY: 'texts',
  CHARBUF_PAIR_ARRAY: 'pairs',
  IPV4ADDR: 'ipv4',
  IPV6ADDR: 'ipv6',
  MODE: 'mode',
};

function parseParam(text: string, at: number): ParamDef {
  const [name = '', type = '', base = '', table = ''] = text.split(':');
  const known = TYPES[type];
  if (!known) throw new Error(`event table: unknown parameter type ${type}`);
  // The directory's descriptor always stands right before the path.
  const dirfd = known === 'relpath' ? at - 1 : -1;
  const flags =
    table === '' || table === 'DIRFD_PARAM' || table.endsWith('dynamic_param') ? undefined : flagTable(table);
  const format = base === 'HEX' ? 'hex' : base === 'OCT' ? 'oct' : 'dec';
  return { name, type: known, size: paramSize(type), base: format, flags, dirfd };
}

/** splice and copy_file_range name two descriptors: the one that the enter event names first counts. */
const FD_POSITIONS: ReadonlyMap<number, number> = new Map([
  [167, 2],
  [333, 3],
]);

function fdPosition(id: number, flags: number, params: readonly ParamDef[]): number {
  if ((flags & USES_FD) === 0) return -1;
  const known = FD_POSITIONS.get(id) ?? params.findIndex(({ name }) => name === 'fd');
  // The first parameter of an exit event is its result.
  return known >= 0 ? known : params.findIndex(({ type }, at) => at > 0 && type === 'fd');
}

function parseLine(line: string): EventDef {
  const [id = '', name = '', dir, category = '', letters = '', ...texts] = line.split(' ');
  const params = texts.map(parseParam);
  let flags = 0;
  for (const letter of letters) if (letter !== '-') flags |= 1 << FLAG_LETTERS.indexOf(letter);
  const first = params[0];
  const returns = dir === '<' && first !== undefined && (first.name === 'res' || first.type === 'fd');
  return {
    id: Number(id),
    name,
    dir: dir === '<' ? '<' : '>',
    category: category.toLowerCase(),
    flags,
    params,
    index: new Map(params.map((param, at) => [param.name, at])),
    fdAt: dir === '<' ? fdPosition(Number(id), flags, params) : -1,
    resAt: returns ? 0 : -1,
  };
}

function parseTable(text: string, into: (EventDef | undefined)[]): void {
  for (const line of text.trim().split('\n')) {
    const def = parseLine(line);
    into[def.id] = def;
  }
}

const tables = new Map<boolean, readonly (EventDef | undefined)[]>();

/** Event table by id. `exitOnly`: today's events; else with the definitions of the enter and exit era. */
export function eventDefs(exitOnly: boolean): readonly (EventDef | undefined)[] {
  const known = tables.get(exitOnly);
  if (known) return known;
  const defs: (EventDef | undefined)[] = [];
  parseTable(CURRENT_EVENTS, defs);
  if (!exitOnly) {
    defs.length = LEGACY_EVENTS_MAX;
    parseTable(LEGACY_EVENTS, defs);
  }
  const dense = Array.from({ length: defs.length }, (_, id) => defs[id]);
  tables.set(exitOnly, dense);
  return dense;
}
