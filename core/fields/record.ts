import type { FieldValue } from '../events/event.ts';
import type { EngineEvent } from '../events/syscall.ts';
import { FIELDS } from './catalogue.ts';
import { argNames, argText } from './evt.ts';
import type { Extract, FieldDef, Value } from './types.ts';

/** Sizes of what is stored: within the limits of core/wire/ingest.ts. */
const TEXT_CHARS_MAX = 8_192;
const ITEM_CHARS_MAX = 4_096;
const ITEMS_MAX = 256;
const ARGS_MAX = 48;

/** Fields of no use once stored: derivable, per process run, or as large as the event itself. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'evt.num',
  'evt.time',
  'evt.time.s',
  'evt.time.iso8601',
  'evt.datetime',
  'evt.rawtime',
  'evt.rawtime.s',
  'evt.rawtime.ns',
  'evt.count',
  'evt.count.error',
  'evt.count.error.file',
  'evt.count.error.net',
  'evt.count.error.memory',
  'evt.count.error.other',
  'evt.count.exit',
  'evt.datetime.s',
  'evt.reltime',
  'evt.reltime.s',
  'evt.reltime.ns',
  'evt.latency',
  'evt.latency.s',
  'evt.latency.ns',
  'evt.latency.human',
  'evt.deltatime',
  'evt.deltatime.s',
  'evt.deltatime.ns',
  'evt.wait_latency',
  'evt.is_io',
  'evt.is_io_read',
  'evt.is_io_write',
  'evt.io_dir',
  'evt.is_wait',
  'evt.is_syslog',
  'syscall.type',
  'evt.args',
  'evt.info',
  'evt.buffer',
  'evt.is_async',
  'proc.env',
  'proc.exeline',
  'proc.args',
  'proc.cmdnargs',
  'proc.cmdlenargs',
  'proc.duration',
  'proc.ppid.duration',
  'proc.fdopencount',
  'proc.fdusage',
  'thread.cgroups',
  'thread.nametid',
  'fd.types',
  'fd.uid',
  'fd.containername',
  'fd.containerdirectory',
  'fd.cproto',
  'fd.sproto',
  'fd.lproto',
  'fd.rproto',
  'container.info',
  'container.labels',
  'k8s.pod.labels',
  'container.mounts',
  'thread.exectime',
  'thread.totexectime',
  'k8s.pod.id',
]);

type Stored = { readonly name: string; readonly extract: Extract };

function storedOf(source: 'syscall' | 'k8s_audit'): readonly Stored[] {
  return FIELDS.filter((field) => isStored(field, source)).map((field) => ({
    name: field.name,
    extract: field.bind(undefined),
  }));
}

function isStored(field: FieldDef, source: 'syscall' | 'k8s_audit'): boolean {
  if (field.source !== undefined && field.source !== source) return false;
  if (field.storedAs !== undefined || field.argument?.required || field.class === 'jevt') return false;
  return !LEFT_OUT.has(field.name);
}

const STORED = { syscall: storedOf('syscall'), k8s_audit: storedOf('k8s_audit') } as const;

/**
 * Everything worth storing of an event under Falco's names; a field without value is left out. Arrays of
 * ancestors (proc.aname …) start at the parent. Parameters stand as `evt.arg.NAME`, as text.
 */
export function recordFields(event: EngineEvent): Record<string, FieldValue> {
  const fields: Record<string, FieldValue> = {};
  for (const { name, extract } of STORED[event.source]) {
    const value = storable(extract(event));
    if (value !== undefined) fields[name] = value;
  }
  if (event.source !== 'syscall') return fields;
  for (const name of argNames(event).slice(0, ARGS_MAX)) {
    const text = argText(event, name);
    if (text !== undefined) fields[`evt.arg.${name}`] = clean(text, TEXT_CHARS_MAX);
  }
  return fields;
}

function storable(value: Value | undefined): FieldValue | undefined {
  switch (typeof value) {
    case 'string':
      return clean(value, TEXT_CHARS_MAX);
    case 'bigint': {
      const small = Number(value);
      return Number.isSafeInteger(small) ? small : String(value);
    }
    case 'number':
    case 'boolean':
      return value;
    default:
      if (!Array.isArray(value)) return undefined;
      return value.slice(0, ITEMS_MAX).map((item) => clean(item, ITEM_CHARS_MAX));
  }
}

/** Postgres stores neither NUL nor lone surrogates. */
function clean(text: string, charsMax: number): string {
  const cut = text.length > charsMax ? text.slice(0, charsMax) : text;
  return cut.toWellFormed().replaceAll('\0', '\ufffd');
}
