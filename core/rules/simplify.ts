import type { CheckNode, FilterNode } from '../filter/ast.ts';

/** Verdict of a check that is known before the event is seen. */
export type Known = (check: CheckNode) => boolean | undefined;

/** The condition with its known checks worked in; a boolean where nothing else is left of it. */
export function simplify(node: FilterNode, known: Known): FilterNode | boolean {
  switch (node.kind) {
    case 'and':
    case 'or': {
      const decisive = node.kind === 'or';
      const children: FilterNode[] = [];
      for (const child of node.children) {
        const simple = simplify(child, known);
        if (simple === decisive) return decisive;
        if (typeof simple !== 'boolean') children.push(simple);
      }
      const [first, second] = children;
      if (first === undefined) return !decisive;
      return second === undefined ? first : { ...node, children };
    }
    case 'not': {
      const child = simplify(node.child, known);
      return typeof child === 'boolean' ? !child : { ...node, child };
    }
    case 'check':
      return known(node) ?? node;
    case 'macro':
      return node;
    default:
      return node satisfies never;
  }
}

/** Inside the bucket of one type every evt.type comparison is a constant. */
export const knownType = (type: string): Known => knownText('evt.type', type);

/** A field of text that always has this value. */
export function knownText(field: string, text: string): Known {
  return (check) => {
    if (check.left.kind !== 'field' || check.left.name !== field || check.modifier) return undefined;
    const { operator, right } = check;
    if (operator === 'exists') return true;
    if (operator === 'in' && right?.kind === 'list') return right.items.some((item) => item.text === text);
    if (right?.kind !== 'value') return undefined;
    if (operator === '=' || operator === '==') return right.text === text;
    return operator === '!=' ? right.text !== text : undefined;
  };
}
