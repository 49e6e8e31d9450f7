import type { FilterNode } from '../../core/filter/ast.ts';

/** Shorter texts have no whole trigram, so the index cannot narrow them. */
const TRIGRAM = 3;

/**
 * Conditions that follow from a filter and that an index can answer: `contains` on the summary implies a
 * LIKE over its trigrams. They change no verdict; the filter itself is checked on what they leave.
 */
export function indexHints(node: FilterNode, add: (value: unknown) => string): string[] {
  if (node.kind === 'and') return node.children.flatMap((child) => indexHints(child, add));
  if (node.kind !== 'check' || node.modifier !== undefined || node.left.kind !== 'field') return [];
  if (node.left.name !== 'evt.summary' || node.right?.kind !== 'value') return [];
  const { text } = node.right;
  const narrows = node.operator === 'contains' || node.operator === 'icontains';
  if (!narrows || text.length < TRIGRAM || text.includes('\0')) return [];
  return [`summary ILIKE ${add(`%${text.replace(/[\\%_]/g, '\\$&')}%`)}`];
}
