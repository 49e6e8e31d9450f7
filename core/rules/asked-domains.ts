import type { FilterNode } from '../filter/ast.ts';
import type { CompiledRule } from './ruleset.ts';

const NAMED = /^fd\.[cslr]ip\.name$/;
const DOMAINS_MAX = 1_000;

/** Domain names that enabled syscall rules compare addresses with, at most 1,000: what a resolver must look up. */
export function askedDomains(rules: readonly CompiledRule[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const rule of rules) if (rule.enabled && rule.source === 'syscall') collect(rule.ast, found);
  return new Set([...found].slice(0, DOMAINS_MAX));
}

function collect(node: FilterNode, into: Set<string>): void {
  if (node.kind === 'and' || node.kind === 'or') for (const child of node.children) collect(child, into);
  else if (node.kind === 'not') collect(node.child, into);
  else if (node.kind === 'check' && node.left.kind === 'field' && NAMED.test(node.left.name)) {
    const { right } = node;
    const values = right?.kind === 'list' ? right.items : right === undefined ? [] : [right];
    for (const value of values) if (value.kind === 'value') into.add(value.text);
  }
}
