import { priorityNumber } from '../events/priority.ts';
import {
  boolean,
  type MapNode,
  origin,
  place,
  readAppend,
  readName,
  refuse,
  text,
  texts,
  unsigned,
} from './decode.ts';
import type { RuleItem, RuleParts } from './items.ts';
import { MESSAGES } from './messages.ts';
import { readExceptions } from './read-exceptions.ts';
import { type Operation, readOverrides } from './read-override.ts';
import type { IssueSink, Location } from './result.ts';

const APPENDABLE: ReadonlySet<string> = new Set(['condition', 'output', 'desc', 'tags', 'exceptions']);
const REPLACEABLE: ReadonlySet<string> = new Set([
  ...APPENDABLE,
  'priority',
  'enabled',
  'warn_evttypes',
  'skip-if-unknown-filter',
  'capture',
  'capture_duration',
]);
const REQUIRED = ['condition', 'output', 'desc', 'priority'] as const;

/** Reads a rule item: a definition, an update of an earlier rule, or its switch. */
export function readRule(node: MapNode, root: Location, sink: IssueSink): RuleItem {
  const { name, chain } = readName(node, 'rule', root);
  const append = readAppend(node, chain, sink);
  const overrides = readOverrides(node, APPENDABLE, REPLACEABLE, chain);
  if (append && overrides.size > 0) refuse(MESSAGES.appendAndOverride, chain);
  if (overrides.size > 0) return readOverride(node, name, chain, overrides, sink);
  if (append) {
    const keys = ['condition', 'exceptions'].filter((key) => node.entries.has(key));
    const parts = readParts(node, keys, chain, sink, true);
    return { kind: 'rule', action: 'update', name, chain, append: parts, replace: undefined };
  }
  if (!REQUIRED.some((key) => node.entries.has(key))) {
    const enabled = boolean(node, 'enabled', chain);
    if (enabled === undefined) return refuse("Item has no mapping for key 'enabled'", chain);
    sink.warn('LOAD_DEPRECATED_ITEM', MESSAGES.enabledDeprecated, chain);
    return { kind: 'rule', action: 'enable', name, chain, enabled };
  }
  return readDefinition(node, name, chain, sink);
}

function readOverride(
  node: MapNode,
  name: string,
  chain: readonly Location[],
  overrides: ReadonlyMap<string, Operation>,
  sink: IssueSink,
): RuleItem {
  for (const [key, operation] of overrides) {
    if (node.entries.has(key)) continue;
    const article = operation === 'append' ? 'An append' : 'An replace';
    refuse(`${article} override for '${key}' was specified but '${key}' is not defined`, chain);
  }
  for (const [key, value] of node.entries) {
    if (!REPLACEABLE.has(key) || overrides.has(key)) continue;
    refuse(`Unexpected key '${key}': no corresponding entry under 'override' is defined.`, [
      ...chain,
      place('overrides', key, value),
    ]);
  }
  const keysOf = (wanted: Operation): string[] =>
    [...overrides].filter(([, op]) => op === wanted).map(([key]) => key);
  const parts = (wanted: Operation): RuleParts | undefined => {
    const keys = keysOf(wanted);
    return keys.length > 0 ? readParts(node, keys, chain, sink, true) : undefined;
  };
  return { kind: 'rule', action: 'update', name, chain, append: parts('append'), replace: parts('replace') };
}

function readDefinition(node: MapNode, name: string, chain: readonly Location[], sink: IssueSink): RuleItem {
  const condition = origin(node, 'condition', chain);
  const output = origin(node, 'output', chain);
  const description = text(node, 'desc', chain);
  const captureDuration = unsigned(node, 'capture_duration', chain);
  const parts = {
    condition,
    output: { ...output, text: output.text.trim() },
    description,
    priority: readPriority(node, chain),
    tags: [...new Set(texts(node, 'tags', chain, true) ?? [])],
    exceptions: readExceptions(node, chain, sink, false),
    enabled: boolean(node, 'enabled', chain) ?? true,
    warnEvtTypes: boolean(node, 'warn_evttypes', chain) ?? true,
    skipIfUnknownFilter: boolean(node, 'skip-if-unknown-filter', chain) ?? false,
    capture: boolean(node, 'capture', chain) ?? false,
    ...(captureDuration === undefined ? {} : { captureDuration }),
  };
  const source = node.entries.has('source') ? text(node, 'source', chain) : 'syscall';
  return { kind: 'rule', action: 'define', name, chain, source, parts };
}

function readPriority(node: MapNode, chain: readonly Location[]): number {
  const word = text(node, 'priority', chain);
  const value = node.entries.get('priority') ?? node;
  return priorityNumber(word) ?? refuse('Invalid priority', [...chain, place('rule priority', '', value)]);
}

function readParts(
  node: MapNode,
  keys: readonly string[],
  chain: readonly Location[],
  sink: IssueSink,
  append: boolean,
): RuleParts {
  let parts: RuleParts = {};
  for (const key of keys) parts = { ...parts, ...readPart(node, key, chain, sink, append) };
  return parts;
}

function readPart(
  node: MapNode,
  key: string,
  chain: readonly Location[],
  sink: IssueSink,
  append: boolean,
): RuleParts {
  switch (key) {
    case 'condition':
      return { condition: origin(node, key, chain) };
    case 'output':
      return { output: origin(node, key, chain) };
    case 'desc':
      return { description: text(node, key, chain) };
    case 'tags':
      return { tags: texts(node, key, chain, false) ?? [] };
    case 'exceptions':
      return { exceptions: readExceptions(node, chain, sink, append) };
    case 'priority':
      return { priority: readPriority(node, chain) };
    case 'enabled':
      return { enabled: boolean(node, key, chain) ?? true };
    case 'warn_evttypes':
      return { warnEvtTypes: boolean(node, key, chain) ?? true };
    case 'skip-if-unknown-filter':
      return { skipIfUnknownFilter: boolean(node, key, chain) ?? false };
    case 'capture':
      return { capture: boolean(node, key, chain) ?? false };
    case 'capture_duration':
      return { captureDuration: unsigned(node, key, chain) ?? 0 };
    default:
      throw new Error(`no such rule key: ${key}`);
  }
}
