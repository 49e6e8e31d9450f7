import { type MapNode, place, refuse, text } from './decode.ts';
import type { Entry, ExceptionItem } from './items.ts';
import type { IssueSink, Location } from './result.ts';
import type { YamlNode } from './yaml-source.ts';

/** Reads a rule's exceptions; for an update (`append`) an exception may leave out its fields. */
export function readExceptions(
  node: MapNode,
  chain: readonly Location[],
  sink: IssueSink,
  append: boolean,
): readonly ExceptionItem[] {
  const list = node.entries.get('exceptions');
  if (!list || list.kind === 'null') return [];
  const outer = [...chain, place('exceptions', '', list)];
  if (list.kind !== 'list') refuse('Rule exceptions must be a sequence', outer);
  const names = new Set<string>();
  return list.items.map((item) => {
    const unnamed = [...outer, place('exception', '', item)];
    if (item.kind !== 'map') refuse('Rule exception must be a mapping', unnamed);
    const name = text(item, 'name', unnamed);
    const inner = [...chain, place('exception', name, item)];
    if (names.has(name)) {
      sink.warn(
        'LOAD_EXCEPTION_NAME_NOT_UNIQUE',
        `Multiple definitions of exception '${name}' in the same rule`,
        inner,
      );
    }
    names.add(name);
    return readException(item, name, inner, sink, append);
  });
}

function readException(
  item: MapNode,
  name: string,
  chain: readonly Location[],
  sink: IssueSink,
  append: boolean,
): ExceptionItem {
  const fieldsNode = item.entries.get('fields');
  if (!fieldsNode && !append) refuse("Item has no mapping for key 'fields'", chain);
  const fields = fieldsNode
    ? readEntry(fieldsNode, [...chain, place('value for', 'fields', fieldsNode)])
    : undefined;
  const compsNode = item.entries.get('comps');
  const comps = compsNode
    ? readEntry(compsNode, [...chain, place('value for', 'comps', compsNode)])
    : undefined;
  const valuesNode = item.entries.get('values');
  const values: Entry[] = [];
  if (valuesNode) {
    const outer = [...chain, place('exception values', '', valuesNode)];
    if (valuesNode.kind !== 'list') refuse('Rule exception values must be a sequence', outer);
    for (const value of valuesNode.items) {
      const entry = readEntry(value, [...outer, place('exception value', '', value)]);
      if (entry) values.push(entry);
    }
  } else if (append) {
    sink.warn('LOAD_APPEND_NO_VALUES', 'Overriding/appending exception with no values', chain);
  }
  return { name, fields, comps, values, chain, position: item.position };
}

function readEntry(node: YamlNode, chain: readonly Location[]): Entry | undefined {
  if (node.kind === 'scalar') {
    if (node.text === '') refuse('Value must be non-empty', chain);
    return { text: node.text };
  }
  if (node.kind === 'list') {
    const items = node.items.map((item) => readEntry(item, [...chain, place('exception', '', item)]));
    return { items: items.filter((item) => item !== undefined) };
  }
  return undefined;
}
