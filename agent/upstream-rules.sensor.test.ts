import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadRules } from '../core/rules/load.ts';
import type { Ruleset } from '../core/rules/ruleset.ts';
import { CORPUS, HAS_CORPUS } from '../rulesets/cases/corpus.ts';
import { kernelNeeds } from './detect/kernel-needs.ts';
import { type CasesResult, runCases } from './testing/run-cases.ts';
import { INCUBATING, SANDBOX, SILENT, STABLE } from './testing/upstream-cases.ts';

const STABLE_FILE = 'falco_rules.yaml';
const FILES = [STABLE_FILE, 'falco-incubating_rules.yaml', 'falco-sandbox_rules.yaml'];
const CASES = [...STABLE, ...INCUBATING, ...SANDBOX];
/** What upstream leaves for its users to fill in; nothing of a condition is changed. */
const SITE = `
- list: namespace_scope_network_only_subnet
  items: [test]
- macro: allowed_containers
  condition: (never_true)
`;

describe.skipIf(!HAS_CORPUS)('upstream rules', () => {
  const ruleset = HAS_CORPUS ? load(FILES, SITE) : undefined;
  let result: CasesResult;

  beforeAll(async () => {
    if (ruleset !== undefined) result = await runCases(ruleset, CASES, narrowed(ruleset));
  }, 120_000);

  test.each(CASES.map(([rule]) => rule))('%s: fires for its trigger and not for the twin', (rule) => {
    expect(result.fired[`${rule} trigger`]).toContain(rule);
    expect(result.fired[`${rule} twin`]).not.toContain(rule);
  });

  test('every rule of the kernel has a case or a reason', () => {
    const named = [...CASES.map(([rule]) => rule), ...Object.keys(SILENT)];
    const known = ruleset?.rules.filter((rule) => rule.source === 'syscall').map((rule) => rule.name);
    expect(named.sort()).toEqual(known?.sort());
  });

  test('nothing is lost on the way', () => {
    expect(result.counters).toMatchObject({ probe_dropped: 0, undecodable: 0, probe_faults: 0 });
  });
});

test.skipIf(!HAS_CORPUS)(
  'what the kernel drops for the stable rules costs no alert',
  async () => {
    const ruleset = load([STABLE_FILE], '');
    const narrow = narrowed(ruleset);
    expect(narrow.probe.readHost).toBe('prefix');
    const dropped = await runCases(ruleset, CASES, narrow);
    const whole = await runCases(ruleset, CASES, {});
    expect(dropped.fired).toEqual(whole.fired);
    expect(dropped.events).toBeLessThan(whole.events);
  },
  120_000,
);

function narrowed(ruleset: Ruleset) {
  const { types, probe } = kernelNeeds(ruleset, 'off');
  return { events: [...types, 'procexit'], probe };
}

/** The files with every rule on, also those that upstream leaves off. */
function load(names: readonly string[], site: string): Ruleset {
  const files = names.map((name) => ({
    name,
    text: readFileSync(join(CORPUS, 'upstream-rules', name), 'utf8'),
  }));
  const off = loadRules(files).ruleset?.rules.filter((rule) => !rule.enabled) ?? [];
  const on = off.map(
    ({ name }) => `- rule: ${JSON.stringify(name)}\n  enabled: true\n  override: { enabled: replace }`,
  );
  const loaded = loadRules([...files, { name: 'site.yaml', text: site + on.join('\n') }]);
  if (loaded.ruleset === undefined) throw new Error(JSON.stringify(loaded.results.flatMap((r) => r.errors)));
  return loaded.ruleset;
}
