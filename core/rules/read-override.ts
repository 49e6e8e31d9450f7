import { type MapNode, place, refuse } from './decode.ts';
import type { Location } from './result.ts';

export type Operation = 'append' | 'replace';

/** The `override` map of an item: which key is appended to and which replaced. */
export function readOverrides(
  node: MapNode,
  appendable: ReadonlySet<string>,
  replaceable: ReadonlySet<string>,
  chain: readonly Location[],
): ReadonlyMap<string, Operation> {
  const overrides = new Map<string, Operation>();
  const value = node.entries.get('override');
  if (value?.kind !== 'map') return overrides;
  const outer = [...chain, place('overrides', '', node)];
  for (const [key, entry] of value.entries) {
    const inner = [
      ...outer,
      { itemType: 'overrides', itemName: key, position: value.keys.get(key) ?? entry.position },
    ];
    const operation = entry.kind === 'scalar' ? entry.text : '';
    if (operation === 'append') {
      if (!appendable.has(key)) refuse(`Key '${key}' cannot be appended to, use 'replace' instead`, inner);
      overrides.set(key, operation);
    } else if (operation === 'replace') {
      if (!replaceable.has(key)) refuse(`Key '${key}' cannot be replaced`, inner);
      overrides.set(key, operation);
    } else {
      const allowed = [appendable.has(key) ? 'append ' : '', replaceable.has(key) ? 'replace ' : ''].join('');
      refuse(`Invalid override operation for key '${key}': '${operation}'. Allowed values are: ${allowed}`, [
        ...outer,
        place('value for', key, entry),
      ]);
    }
  }
  return overrides;
}
