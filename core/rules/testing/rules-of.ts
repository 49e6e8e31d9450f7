import { loadRules } from '../load.ts';
import type { Ruleset } from '../ruleset.ts';

/** One rule for each condition. Errors: throws when they do not load. */
export function rulesOf(...conditions: readonly string[]): Ruleset {
  const rules = conditions.map((condition, i) => ({
    rule: `r${i}`,
    desc: 'd',
    condition,
    output: 'o',
    priority: 'INFO',
  }));
  const { ruleset } = loadRules([{ name: 'r.yaml', text: JSON.stringify(rules) }]);
  if (ruleset === undefined) throw new Error('the rules of the test do not load');
  return ruleset;
}
