import { EVENT_NAMES } from '../fields/event-names.ts';
import type { CheckNode, FilterNode } from '../filter/ast.ts';

/** Event types that a condition can match; undefined = all of them. */
export type EventTypes = ReadonlySet<string> | undefined;

/**
 * Event types a condition can match, judged from its evt.type comparisons alone. `not` is pushed down to the
 * leaves, so the answer is never too small. `evt.num = 0` and the like match nothing: event numbers start at 1.
 */
export function eventTypes(node: FilterNode, negated = false): EventTypes {
  switch (node.kind) {
    case 'not':
      return eventTypes(node.child, !negated);
    case 'and':
    case 'or': {
      const sets = node.children.map((child) => eventTypes(child, negated));
      return (node.kind === 'and') === negated ? union(sets) : intersection(sets);
    }
    case 'check':
      return leafTypes(node, negated);
    case 'macro':
      return undefined;
    default:
      return node satisfies never;
  }
}

const NONE: ReadonlySet<string> = new Set();

function leafTypes(node: CheckNode, negated: boolean): EventTypes {
  const { left, operator, right, modifier } = node;
  if (left.kind !== 'field' || modifier) return undefined;
  if (left.name === 'evt.num' && (operator === '=' || operator === '==') && right?.kind === 'value') {
    return right.text === '0' && !negated ? NONE : undefined;
  }
  if (left.name !== 'evt.type') return undefined;
  const listed = literals(node);
  if (!listed) return undefined;
  const inverse = operator === '!=' ? !negated : negated;
  if (!inverse) return listed;
  return new Set([...EVENT_NAMES].filter((name) => !listed.has(name)));
}

function literals(node: CheckNode): ReadonlySet<string> | undefined {
  const { operator, right } = node;
  if (operator === 'in' && right?.kind === 'list') return new Set(right.items.map((item) => item.text));
  const equality = operator === '=' || operator === '==' || operator === '!=';
  return equality && right?.kind === 'value' ? new Set([right.text]) : undefined;
}

function union(sets: readonly EventTypes[]): EventTypes {
  const all = new Set<string>();
  for (const set of sets) {
    if (!set) return undefined;
    for (const name of set) all.add(name);
  }
  return all;
}

function intersection(sets: readonly EventTypes[]): EventTypes {
  let result: EventTypes;
  for (const set of sets) {
    if (!set) continue;
    result = result ? new Set([...result].filter((name) => set.has(name))) : set;
  }
  return result;
}
