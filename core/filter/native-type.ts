import { type Catalogue, resolveField } from '../fields/catalogue.ts';
import type { Cardinality, FieldType } from '../fields/types.ts';
import { fieldText, type Operand } from './ast.ts';

/** libsinsp's names of the types; of numbers, the one that most fields have. */
const BY_TYPE: Readonly<Record<FieldType, string>> = {
  string: 'CHARBUF',
  path: 'CHARBUF',
  number: 'UINT64',
  port: 'PORT',
  bool: 'BOOL',
  ip: 'IPADDR',
  net: 'IPNET',
  bytes: 'BYTEBUF',
};

/** Numbers of another type than UINT64. Source: falcosecurity/libs, field tables of sinsp_filtercheck_*.cpp. */
const NUMBERS: Readonly<Record<string, readonly string[]>> = {
  INT64: [
    ...[
      'proc.pid',
      'proc.ppid',
      'proc.apid',
      'proc.vpid',
      'proc.pvpid',
      'proc.sid',
      'proc.vpgid',
      'proc.pgid',
    ],
    ...['proc.loginshellid', 'proc.fdlimit', 'proc.exe_ino', 'thread.tid', 'thread.vtid', 'fd.num', 'fd.ino'],
    ...['evt.rawres', 'user.loginuid'],
  ],
  UINT32: [
    ...[
      'proc.tty',
      'user.uid',
      'group.gid',
      'fd.dev',
      'fd.dev.major',
      'fd.dev.minor',
      'evt.type.is',
      'evt.count',
    ],
    ...['evt.count.error', 'evt.count.error.file', 'evt.count.error.net', 'evt.count.error.memory'],
    ...['evt.count.error.other', 'evt.count.exit', 'syslog.facility', 'syslog.severity'],
  ],
  INT16: ['evt.cpu'],
  DOUBLE: ['proc.fdusage', 'thread.cpu', 'thread.cpu.user', 'thread.cpu.system'],
  ABSTIME: [
    ...['evt.rawtime', 'evt.rawtime.s', 'evt.rawtime.ns', 'proc.exe_ino.ctime', 'proc.exe_ino.mtime'],
    ...[
      'proc.exe_ino.ctime_duration_proc_start',
      'proc.exe_ino.ctime_duration_pidns_start',
      'container.start_ts',
    ],
  ],
  RELTIME: [
    ...['evt.reltime', 'evt.reltime.s', 'evt.reltime.ns', 'evt.latency', 'evt.latency.s', 'evt.latency.ns'],
    ...['evt.deltatime', 'evt.deltatime.s', 'evt.deltatime.ns', 'evt.wait_latency', 'proc.duration'],
    ...['proc.ppid.duration', 'proc.pid.ts', 'proc.ppid.ts', 'thread.exectime', 'thread.totexectime'],
    ...['container.duration'],
  ],
};

const NATIVE: ReadonlyMap<string, string> = new Map(
  Object.entries(NUMBERS).flatMap(([type, names]) => names.map((name) => [name, type] as const)),
);

/** Name of a field or, of a transformer, that of the field inside, as Falco's messages tell it. */
export function nativeName(operand: Operand): string {
  if (operand.kind === 'field') return operand.name;
  const inner = operand.args.find((arg) => arg.kind === 'field' || arg.kind === 'transform');
  return inner === undefined ? operand.name : nativeName(inner);
}

/** libsinsp's type of a checked operand. */
export function nativeType(operand: Operand, type: FieldType, catalogue: Catalogue): string {
  if (operand.kind === 'transform') return BY_TYPE[type];
  const field = resolveField(operand, catalogue);
  if (typeof field === 'string') throw new Error(`unchecked filter: ${field} (${fieldText(operand)})`);
  return NATIVE.get(field.def.name) ?? BY_TYPE[type];
}

/** Fields that are compared in a way of their own: any ancestor, either end, a name to resolve. */
const OWN_COMPARISON: ReadonlySet<string> = new Set([
  ...['evt.rawarg', 'fd.cip.name', 'fd.sip.name', 'fd.lip.name', 'fd.rip.name'],
  ...['proc.apid', 'proc.aname', 'proc.aexe', 'proc.aexepath', 'proc.acmdline', 'proc.aenv'],
]);

/** Whether Falco compares the field with literals only. Source: falcosecurity/libs, EPF_NO_RHS and EPF_NO_TRANSFORMER. */
export function comparesItself(operand: Operand, cardinality: Cardinality): boolean {
  if (cardinality === 'any' || cardinality === 'pair') return true;
  return operand.kind === 'field' && OWN_COMPARISON.has(operand.name);
}
