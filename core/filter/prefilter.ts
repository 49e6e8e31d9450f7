import type { FilterNode } from './ast.ts';
import { checkTerms } from './prefilter-check.ts';
import { both, EVERYTHING, either, NOTHING, type Terms } from './prefilter-term.ts';

/**
 * Events of one type that a condition may match, by what the kernel can tell of them; never too few.
 * `not` is pushed down to the checks, because "may be true" has no complement.
 */
export function conditionTerms(node: FilterNode, type: string | undefined, negated = false): Terms {
  switch (node.kind) {
    case 'not':
      return conditionTerms(node.child, type, !negated);
    case 'and':
    case 'or': {
      const every = (node.kind === 'and') !== negated;
      let terms = every ? EVERYTHING : NOTHING;
      for (const child of node.children) {
        const next = conditionTerms(child, type, negated);
        terms = every ? both(terms, next) : either(terms, next);
        // One side decides: nothing is left to narrow or to widen.
        if (terms.length === 0 ? every : !every && isEverything(terms)) break;
      }
      return terms;
    }
    case 'check':
      return checkTerms(node, type, negated);
    case 'macro':
      return EVERYTHING;
    default:
      return node satisfies never;
  }
}

export function isEverything(terms: Terms): boolean {
  return terms.some((term) => Object.keys(term).length === 0);
}
