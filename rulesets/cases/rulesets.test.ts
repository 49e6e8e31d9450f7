import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRules } from '../../core/rules/load.ts';
import { AUDIT_CASES } from './audit-cases.ts';
import { SYSCALL_CASES } from './syscall-cases.ts';

const DIRECTORY = join(import.meta.dirname, '..');
const files = readdirSync(DIRECTORY)
  .filter((name) => name.endsWith('.yaml'))
  .sort()
  .map((name) => ({ name, text: readFileSync(join(DIRECTORY, name), 'utf8') }));
const { ok, ruleset, results } = loadRules(files);
const CASES = { ...SYSCALL_CASES, ...AUDIT_CASES };

it('loads without error, and after the last file without warning', () => {
  expect(results.flatMap((file) => file.errors)).toEqual([]);
  expect(ok).toBe(true);
  expect(results.at(-1)?.warnings.map((warning) => warning.message)).toEqual([]);
});

it('has a case for every rule', () => {
  expect(ruleset?.rules.map((rule) => rule.name).sort()).toEqual(Object.keys(CASES).sort());
});

it('asks for no more event types than the sensor emits', () => {
  expect(ruleset?.needsEveryType).toBe(false);
});

describe.each(ruleset?.rules ?? [])('$name', (rule) => {
  const cases = CASES[rule.name];

  it('matches its positive cases', () => {
    expect(cases?.fires.length).toBeGreaterThan(0);
    for (const event of cases?.fires ?? []) {
      expect(ruleset?.matchAll(event).map((match) => match.rule)).toContain(rule.name);
    }
  });

  it('leaves its negative cases alone', () => {
    expect(cases?.silent.length).toBeGreaterThan(0);
    for (const event of cases?.silent ?? []) {
      expect(ruleset?.matchAll(event).map((match) => match.rule)).not.toContain(rule.name);
    }
  });

  it('has a MITRE tactic, a description and an output that names who and where', () => {
    // The canary is nobody's tactic.
    expect(rule.tags.some((tag) => tag.startsWith('mitre_') || tag === 'canary')).toBe(true);
    expect(rule.description.length).toBeGreaterThan(40);
    const names =
      rule.source === 'syscall' ? ['%user.name', '%proc.name', '%container.id', '%k8s.pod.name'] : ['%ka.'];
    for (const name of names) expect(rule.outputText).toContain(name);
  });
});
