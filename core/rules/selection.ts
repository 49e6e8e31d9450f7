import { globMatcher } from '../fields/glob.ts';
import { type CompiledRule, Ruleset } from './ruleset.ts';

/** One step of Falco's rule selection; steps apply in order. */
export type SelectionStep = {
  readonly enable: boolean;
} & (
  | { readonly by: 'name'; readonly pattern: string }
  | { readonly by: 'substring'; readonly text: string }
  | { readonly by: 'tag'; readonly tag: string }
);

export type Selection = {
  readonly steps: readonly SelectionStep[];
  /** Rules less severe than this priority number are not loaded at all. */
  readonly minPriority?: number | undefined;
};

/**
 * Applies Falco's selection to a loaded ruleset: first the minimum priority, then the steps in their order
 * over what the files themselves enable. A step may enable a rule that its file disables.
 * Source: falcosecurity/falco load_rules_files, indexable_ruleset.
 */
export function selectRules(ruleset: Ruleset, selection: Selection): Ruleset {
  const { steps, minPriority } = selection;
  if (steps.length === 0 && minPriority === undefined) return ruleset;
  const concerns = steps.map((step) => ({ enable: step.enable, test: stepTest(step) }));
  const rules = ruleset.rules
    .filter((rule) => minPriority === undefined || rule.priority <= minPriority)
    .map((rule) => {
      let { enabled } = rule;
      for (const { enable, test } of concerns) if (test(rule)) enabled = enable;
      return enabled === rule.enabled ? rule : { ...rule, enabled };
    });
  return new Ruleset(rules, ruleset.version);
}

function stepTest(step: SelectionStep): (rule: CompiledRule) => boolean {
  switch (step.by) {
    case 'name': {
      // Only `*` is special: rule names hold brackets and question marks.
      const match = globMatcher(step.pattern.replace(/[\\?[\]]/g, '\\$&'));
      return (rule) => match(rule.name);
    }
    case 'substring':
      return (rule) => rule.name.includes(step.text);
    case 'tag':
      return (rule) => rule.tags.includes(step.tag);
    default:
      return step satisfies never;
  }
}
