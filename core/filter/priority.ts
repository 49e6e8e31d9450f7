import { priorityNumber } from '../events/priority.ts';
import type { CheckNode, Operator, ValueNode } from './ast.ts';

const MIRROR: Readonly<Partial<Record<Operator, Operator>>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/**
 * Rewrites priority words to numbers. With a word the order is severity, so `evt.priority >= warning`
 * means Warning or worse; with a number it is the stored number, where 0 is the worst.
 */
export function priorityCheck(node: CheckNode): CheckNode {
  if (node.left.kind !== 'field' || node.left.name !== 'evt.priority') return node;
  const { right } = node;
  if (right?.kind === 'list') return { ...node, right: { ...right, items: right.items.map(numberOf) } };
  if (right?.kind !== 'value' || priorityNumber(right.text) === undefined) return node;
  return { ...node, operator: MIRROR[node.operator] ?? node.operator, right: numberOf(right) };
}

function numberOf(value: ValueNode): ValueNode {
  const number = priorityNumber(value.text);
  return number === undefined ? value : { ...value, text: String(number) };
}
