import type { ResolvedField } from './catalogue.ts';
import type { FieldType, Value } from './types.ts';
import { ATTRIBUTES, type Attribute, type FilterRecord } from './virtual.ts';

/** Where a stored event keeps a field: an attribute, or a key of `fields` (one element of its array). */
export type StoredPlace =
  | { readonly kind: 'attribute'; readonly attribute: Attribute }
  | { readonly kind: 'key'; readonly key: string; readonly element: number | undefined };

const attributes: ReadonlyMap<string, Attribute> = new Map(ATTRIBUTES.map((a) => [a.field, a]));

/** Stored arrays of ancestors start at the parent; index 0 is the process itself. */
const SELF: Readonly<Record<string, string>> = {
  'proc.aname': 'proc.name',
  'proc.aexe': 'proc.exe',
  'proc.aexepath': 'proc.exepath',
  'proc.acmdline': 'proc.cmdline',
  'proc.apid': 'proc.pid',
};

export function storedPlace(field: ResolvedField): StoredPlace {
  const { def, argument } = field;
  const self = SELF[def.name];
  if (self !== undefined && argument !== undefined) {
    if (Number(argument) > 0) return { kind: 'key', key: def.name, element: Number(argument) - 1 };
    return placeOf(self);
  }
  if (argument === undefined) return placeOf(def.storedAs ?? def.name);
  if (def.cardinality === 'list') return { kind: 'key', key: def.name, element: Number(argument) };
  const key = def.name === 'evt.arg' ? `evt.arg.${argument}` : `${def.name}[${argument}]`;
  return { kind: 'key', key, element: undefined };
}

function placeOf(name: string): StoredPlace {
  const attribute = attributes.get(name);
  return attribute ? { kind: 'attribute', attribute } : { kind: 'key', key: name, element: undefined };
}

/** Reader of a field from a stored event; a value of another type than the field's is missing. */
export function storedReader(field: ResolvedField): (record: FilterRecord) => Value | undefined {
  const place = storedPlace(field);
  const many = field.cardinality !== 'one';
  const read = placeReader(place);
  const { type } = field.def;
  return (record) => {
    const value = read(record);
    if (value === undefined || value === null) return undefined;
    if (Array.isArray(value)) return many ? value : undefined;
    return many ? undefined : typed(value, type);
  };
}

function placeReader(place: StoredPlace): (record: FilterRecord) => unknown {
  if (place.kind === 'attribute') {
    const { attribute, field, only, read } = place.attribute;
    return (record) => {
      // A bare set of fields carries no attributes: the field stands under its own name.
      if (record.source === undefined) return own(record, field);
      if (only !== undefined && (record.source === 'k8s_audit') !== (only === 'k8s_audit')) return undefined;
      return read ? read(record) : record[attribute];
    };
  }
  const { key, element } = place;
  if (element === undefined) return (record) => own(record, key);
  return (record) => {
    const array = own(record, key);
    return Array.isArray(array) ? array[element] : undefined;
  };
}

function own(record: FilterRecord, key: string): unknown {
  return Object.hasOwn(record.fields, key) ? record.fields[key] : undefined;
}

const DECIMAL = /^-?[0-9]{1,40}$/;

/** Numbers may be stored as decimal strings; everything else must have the field's own type. */
export function typed(value: unknown, type: FieldType): Value | undefined {
  if (type === 'number' || type === 'port') {
    if (typeof value === 'number') return value;
    return typeof value === 'string' && DECIMAL.test(value) ? BigInt(value) : undefined;
  }
  if (type === 'bool') return typeof value === 'boolean' ? value : undefined;
  return typeof value === 'string' ? value : undefined;
}
