import { type MapNode, place } from './decode.ts';
import type { IssueSink, Location } from './result.ts';
import type { YamlNode } from './yaml-source.ts';

/** Kinds of top-level items in the order in which Falco looks for their key. */
const KINDS = ['required_engine_version', 'required_plugin_versions', 'list', 'macro', 'rule'] as const;
type Kind = (typeof KINDS)[number];
type Shape = 'text' | 'boolean' | 'number' | 'texts' | 'list' | 'priority' | 'override' | 'any';

const KEYS: Readonly<Record<Kind, Readonly<Record<string, Shape>>>> = {
  required_engine_version: { required_engine_version: 'text' },
  required_plugin_versions: { required_plugin_versions: 'list' },
  list: { list: 'text', items: 'texts', append: 'boolean', override: 'override' },
  macro: { macro: 'text', condition: 'text', append: 'boolean', override: 'override' },
  rule: {
    rule: 'text',
    condition: 'text',
    output: 'text',
    desc: 'text',
    priority: 'priority',
    source: 'text',
    enabled: 'boolean',
    tags: 'texts',
    exceptions: 'list',
    warn_evttypes: 'boolean',
    'skip-if-unknown-filter': 'boolean',
    capture: 'boolean',
    capture_duration: 'number',
    append: 'boolean',
    override: 'override',
  },
};
const EXCEPTION_KEYS: Readonly<Record<string, Shape>> = {
  name: 'text',
  fields: 'any',
  comps: 'any',
  values: 'list',
};

/** The schema takes priorities in capitals only; the loader takes them in any. */
const PRIORITY = /^(?:EMERGENCY|ALERT|CRITICAL|ERROR|WARNING|NOTICE|INFO|INFORMATIONAL|DEBUG)$/;
const OVERRIDABLE: ReadonlySet<string> = new Set([
  'items',
  'desc',
  'condition',
  'output',
  'priority',
  'enabled',
  'exceptions',
  'capture',
  'capture_duration',
  'tags',
  'warn_evttypes',
  'skip-if-unknown-filter',
]);

/** Warns of unknown keys and notes departures from the rules schema; neither refuses the item. */
export function checkKeys(node: MapNode, root: Location, sink: IssueSink): void {
  const kind = KINDS.find((key) => node.entries.has(key));
  if (!kind) return;
  const named = node.entries.get(kind);
  const name = named?.kind === 'scalar' ? named.text : '';
  const known = KEYS[kind];
  for (const [key, value] of node.entries) {
    const shape = Object.hasOwn(known, key) ? known[key] : undefined;
    if (shape === undefined) {
      sink.warn('LOAD_UNKNOWN_KEY', `Unknown key '${key}' in ${kind} item. The key will be ignored.`, [
        root,
        { ...place(kind, name, node), position: node.keys.get(key) ?? node.position },
      ]);
      // A key of another kind of item passes Falco's schema, which lists the keys of all kinds together.
      if (!KINDS.some((other) => Object.hasOwn(KEYS[other], key)))
        sink.schemaFaults.push(`unknown key '${key}'`);
    } else if (!fits(value, shape)) sink.schemaFaults.push(`key '${key}' is not a ${shape}`);
  }
  const exceptions = node.entries.get('exceptions');
  for (const exception of exceptions?.kind === 'list' ? exceptions.items : []) {
    if (exception.kind !== 'map') continue;
    if (exception.entries.get('name')?.kind !== 'scalar') sink.schemaFaults.push('an exception has no name');
    for (const key of exception.entries.keys()) {
      if (!Object.hasOwn(EXCEPTION_KEYS, key)) sink.schemaFaults.push(`unknown key '${key}' in an exception`);
    }
  }
}

function fits(value: YamlNode, shape: Shape): boolean {
  switch (shape) {
    case 'any':
      return true;
    case 'text':
      return value.kind === 'scalar';
    case 'boolean':
      return value.kind === 'scalar' && value.plain && /^(?:true|false)$/i.test(value.text);
    case 'number':
      return value.kind === 'scalar' && value.plain && /^\d+$/.test(value.text);
    case 'list':
      return value.kind === 'list' || value.kind === 'null';
    case 'texts':
      return (
        value.kind === 'null' ||
        (value.kind === 'list' && value.items.every((item) => item.kind === 'scalar'))
      );
    case 'priority':
      return value.kind === 'scalar' && PRIORITY.test(value.text);
    case 'override':
      return value.kind === 'map' && value.entries.size > 0 && [...value.entries].every(overrides);
    default:
      return shape satisfies never;
  }
}

function overrides([key, value]: readonly [string, YamlNode]): boolean {
  return OVERRIDABLE.has(key) && value.kind === 'scalar' && /^(?:append|replace)$/.test(value.text);
}
