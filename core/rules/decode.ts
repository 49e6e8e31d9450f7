import { MESSAGES } from './messages.ts';
import { type IssueSink, type Location, RuleFault } from './result.ts';
import type { Origin } from './traced-text.ts';
import type { YamlNode } from './yaml-source.ts';

export type MapNode = YamlNode & { readonly kind: 'map' };
type Chain = readonly Location[];

/** Ends the item with a structural fault. */
export function refuse(message: string, chain: Chain): never {
  throw new RuleFault('LOAD_ERR_YAML_VALIDATE', message, chain);
}

export function place(itemType: string, itemName: string, node: YamlNode): Location {
  return { itemType, itemName, position: node.position };
}

/** Scalar node under a key; undefined when the key is absent and optional. */
export function scalarNode(
  map: MapNode,
  key: string,
  chain: Chain,
  optional: boolean,
): (YamlNode & { kind: 'scalar' }) | undefined {
  const node = map.entries.get(key);
  if (!node) return optional ? undefined : refuse(`Item has no mapping for key '${key}'`, chain);
  if (node.kind === 'null') return refuse(`Mapping for key '${key}' is empty`, chain);
  const inner = [...chain, place('value for', key, node)];
  if (node.kind !== 'scalar') return refuse('Value is not a scalar value', inner);
  if (node.text === '') return refuse('Value must be non-empty', inner);
  return node;
}

export function text(map: MapNode, key: string, chain: Chain): string {
  return scalarNode(map, key, chain, false)?.text ?? '';
}

const TRUE = /^(?:y|yes|true|on)$/i;
const FALSE = /^(?:n|no|false|off)$/i;

/** Boolean under an optional key, in YAML 1.1 words as yaml-cpp reads them. */
export function boolean(map: MapNode, key: string, chain: Chain): boolean | undefined {
  const node = scalarNode(map, key, chain, true);
  if (!node) return undefined;
  if (TRUE.test(node.text)) return true;
  if (FALSE.test(node.text)) return false;
  return refuse("Can't decode YAML scalar value", [...chain, place('value for', key, node)]);
}

/** Sequence of scalars under a key. */
export function texts(
  map: MapNode,
  key: string,
  chain: Chain,
  optional: boolean,
): readonly string[] | undefined {
  const node = map.entries.get(key);
  if (!node) return optional ? undefined : refuse(`Item has no mapping for key '${key}'`, chain);
  const inner = [...chain, place('value for', key, node)];
  if (node.kind !== 'list') return refuse('Value is not a sequence', inner);
  return node.items.map((item) => {
    // A plain null is a scalar to yaml-cpp's string decoder only when it is written out.
    if (item.kind !== 'scalar')
      return refuse('sequence value is not scalar', [...inner, place('list item', '', item)]);
    return item.text;
  });
}

const UNSIGNED = /^\d{1,10}$/;

export function unsigned(map: MapNode, key: string, chain: Chain): number | undefined {
  const node = scalarNode(map, key, chain, true);
  if (!node) return undefined;
  if (!UNSIGNED.test(node.text))
    refuse("Can't decode YAML scalar value", [...chain, place('value for', key, node)]);
  return Number(node.text);
}

/** Name of an item and the chain that leads to it. */
export function readName(
  node: MapNode,
  kind: 'list' | 'macro' | 'rule',
  root: Location,
): { name: string; chain: readonly Location[] } {
  const name = text(node, kind, [root, place(kind, '', node)]);
  return { name, chain: [root, place(kind, name, node)] };
}

/** The `append` flag; its use is deprecated. */
export function readAppend(node: MapNode, chain: readonly Location[], sink: IssueSink): boolean {
  const append = boolean(node, 'append', chain) ?? false;
  if (append) sink.warn('LOAD_DEPRECATED_ITEM', MESSAGES.appendDeprecated, chain);
  return append;
}

/** Text under a required key together with its place in the file. */
export function origin(node: MapNode, key: string, chain: readonly Location[]): Origin {
  const value = text(node, key, chain);
  const position = node.entries.get(key)?.position ?? node.position;
  return { text: value, file: position.name, position };
}
