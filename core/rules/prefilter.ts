import { conditionTerms } from '../filter/prefilter.ts';
import { SOCKET_CALLS } from '../filter/prefilter-facts.ts';
import { EVERYTHING, either, NOTHING, type Terms } from '../filter/prefilter-term.ts';
import type { CompiledRule } from './ruleset.ts';

/**
 * What the kernel must let through for a set of rules: plain data, complete as JSON. An event of a type that
 * `types` names is needed when one of its terms accepts it; of another type when `others` does.
 * Soundness: an event that some enabled rule matches is accepted; see KernelFacts for what a fact means.
 */
export type Prefilter = {
  readonly types: Readonly<Record<string, Terms>>;
  /** Types without an entry. No terms: such events are not needed. */
  readonly others: Terms;
};

/** Fields that read what earlier events have left in the process's table of descriptors. */
const TABLE_FIELDS = /\bproc\.std(?:in|out|err)\.|\bfd\.types\b|\bproc\.fdopencount\b/;
const FILLS_TABLE: ReadonlySet<string> = new Set([
  ...SOCKET_CALLS,
  'open',
  'openat',
  'openat2',
  'open_by_handle_at',
  'creat',
  'dup',
  'dup2',
  'dup3',
  'memfd_create',
]);

/** Derives the prefilter of the enabled syscall rules. */
export function prefilterOf(rules: readonly CompiledRule[]): Prefilter {
  const armed = rules.filter((rule) => rule.enabled && rule.source === 'syscall');
  const names = [...new Set(armed.flatMap((rule) => [...(rule.types ?? [])]))].sort();
  const readsTable = armed.some((rule) => TABLE_FIELDS.test(JSON.stringify([rule.ast, rule.outputText])));
  const types = names.map((type): [string, Terms] => {
    if (readsTable && FILLS_TABLE.has(type)) return [type, EVERYTHING];
    return [
      type,
      anyRule(
        armed.filter((rule) => rule.types?.has(type) ?? true),
        type,
      ),
    ];
  });
  const others = anyRule(
    armed.filter((rule) => rule.types === undefined),
    undefined,
  );
  return { types: Object.fromEntries(types.filter(([, terms]) => terms.length > 0)), others };
}

function anyRule(rules: readonly CompiledRule[], type: string | undefined): Terms {
  return rules.reduce((terms, rule) => either(terms, conditionTerms(rule.ast, type)), NOTHING);
}

/** What events of a type need to be let through. */
export function termsOf(prefilter: Prefilter, type: string): Terms {
  return Object.hasOwn(prefilter.types, type) ? (prefilter.types[type] ?? NOTHING) : prefilter.others;
}
