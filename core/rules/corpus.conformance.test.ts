import { expect, it } from 'vitest';
import {
  type CorpusCase,
  corpusCases,
  corpusText,
  HAS_CORPUS,
  type IssueExpectation,
  loadCorpus,
} from '../../rulesets/cases/corpus.ts';
import { PRIORITIES } from '../events/priority.ts';
import { printFilter } from '../filter/print.ts';
import type { LoadResult } from './load.ts';
import type { Issue } from './result.ts';
import type { CompiledRule, Ruleset } from './ruleset.ts';

/** Cases that fail, with the reason. A case that starts to pass must leave this list. */
const KNOWN_DIFFERENCES: Readonly<Record<string, string>> = {
  'rule-loader-unit/extra_format_all': 'append_output, which adds text to every output, is not an option yet',
};

function loaderFaults(item: CorpusCase, result: LoadResult): string[] {
  const { expect: wanted } = item;
  const faults: string[] = [];
  const check = (ok: boolean, text: string): void => {
    if (!ok) faults.push(text);
  };
  const errors = result.results.flatMap((file) => file.errors);
  const warnings = result.results.flatMap((file) => file.warnings);
  if (wanted.load_ok !== undefined) check(result.ok === wanted.load_ok, `load_ok is ${result.ok}`);
  if (wanted.schema_validation !== undefined) {
    const schema = result.results.at(-1)?.schemaValidation;
    check(schema === wanted.schema_validation, `schema_validation is ${schema}`);
  }
  if (wanted.has_warnings !== undefined) {
    check(
      warnings.length > 0 === wanted.has_warnings,
      `warnings: ${warnings.map((w) => w.message).join('; ')}`,
    );
  }
  for (const text of [wanted.error_contains ?? []].flat()) {
    check(
      errors.some((error) => error.message.includes(text)),
      `no error "${text}"`,
    );
  }
  for (const text of strings(wanted.warning_contains)) {
    check(
      warnings.some((warning) => warning.message.includes(text)),
      `no warning "${text}"`,
    );
  }
  for (const text of strings(wanted.warning_not_contains)) {
    check(!warnings.some((warning) => warning.message.includes(text)), `warning "${text}"`);
  }
  faults.push(...issueFaults(wanted.errors ?? [], errors), ...issueFaults(wanted.warnings ?? [], warnings));
  if (result.ruleset) faults.push(...rulesetFaults(item, result.ruleset));
  return faults;
}

function strings(value: unknown): readonly string[] {
  return [value ?? []].flat().map(String);
}

function issueFaults(wanted: readonly IssueExpectation[], issues: readonly Issue<string>[]): string[] {
  return wanted
    .filter((want) => !issues.some((issue) => meets(want, issue)))
    .map(
      (want) =>
        `no issue ${JSON.stringify(want)} in ${JSON.stringify(issues.map((i) => [i.code, i.message]))}`,
    );
}

function meets(want: IssueExpectation, issue: Issue<string>): boolean {
  if (want.code !== undefined && issue.code !== want.code) return false;
  if (want.message !== undefined && issue.message !== want.message) return false;
  if (want.message_regex !== undefined && !new RegExp(want.message_regex).test(issue.message)) return false;
  return issue.locations.some(
    (location) =>
      (want.item_type === undefined || location.itemType === want.item_type) &&
      (want.item_name === undefined || location.itemName === want.item_name),
  );
}

function rulesetFaults(item: CorpusCase, ruleset: Ruleset): string[] {
  const faults: string[] = [];
  const find = (name: string): CompiledRule | undefined => ruleset.rules.find((rule) => rule.name === name);
  for (const [name, text] of Object.entries(item.expect.compiled_conditions ?? {})) {
    const rule = find(name);
    const printed = rule && printFilter(rule.ast);
    if (printed !== text) faults.push(`condition of ${name} is ${printed}`);
  }
  for (const [name, text] of Object.entries(item.expect.compiled_outputs ?? {})) {
    // The one case appends a format that only its own test program sets.
    const output = find(name)?.outputText;
    if (output !== text) faults.push(`output of ${name} is ${output}`);
  }
  const enabled = ruleset.rules.filter((rule) => rule.enabled).length;
  const wanted = item.expect.num_enabled_rules;
  if (wanted !== undefined && enabled !== wanted) faults.push(`${enabled} rules enabled`);
  for (const { rule_index, path, value } of item.expect.describe_rule ?? []) {
    const rule = ruleset.rules[rule_index];
    const actual = rule && described(rule)[path];
    if (String(actual) !== String(value).replace(/^(\d+)u$/, '$1')) faults.push(`${path} is ${actual}`);
  }
  return faults;
}

function described(rule: CompiledRule): Readonly<Record<string, unknown>> {
  return {
    'info.condition': rule.conditionText,
    'info.output': rule.outputText,
    'info.description': rule.description,
    'info.priority': PRIORITIES[rule.priority],
    'info.capture': rule.capture,
    'info.capture_duration': rule.captureDurationMs,
  };
}

function auditFaults(item: CorpusCase): string[] {
  const { ruleset, results } = loadCorpus(item.rules_files ?? []);
  if (!ruleset) return results.flatMap((file) => file.errors.map((error) => error.message));
  const counts = new Map<string, number>();
  const levels = new Set<string>();
  for (const raw of auditEvents(corpusText(item.input_file ?? ''))) {
    const match = ruleset.match({ source: 'k8s_audit', timeNs: 1_700_000_000_000_000_000n, raw });
    if (!match) continue;
    counts.set(match.rule, (counts.get(match.rule) ?? 0) + 1);
    levels.add((PRIORITIES[match.priority] ?? '').toUpperCase().replace('INFORMATIONAL', 'INFO'));
  }
  const faults: string[] = [];
  if (item.expect.detect !== undefined && counts.size > 0 !== item.expect.detect)
    faults.push(`detected ${[...counts]}`);
  for (const [rule, count] of Object.entries(item.expect.rule_counts ?? {})) {
    if ((counts.get(rule) ?? 0) !== count)
      faults.push(`${rule}: ${counts.get(rule) ?? 0}, not ${count}; ${[...counts]}`);
  }
  for (const level of item.expect.levels_present ?? []) if (!levels.has(level)) faults.push(`no ${level}`);
  for (const level of item.expect.levels_absent ?? []) if (levels.has(level)) faults.push(`some ${level}`);
  return faults;
}

function auditEvents(text: string): readonly Record<string, unknown>[] {
  const values = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return values.flatMap((value) =>
    value.kind === 'EventList' ? (value.items as Record<string, unknown>[]) : [value],
  );
}

const loaders = HAS_CORPUS
  ? [
      ...corpusCases('rule-loader-unit'),
      ...corpusCases('validation'),
      ...corpusCases('exceptions').filter((item) => item.validate_files),
    ]
  : [];
const audits = HAS_CORPUS ? corpusCases('k8s-audit') : [];

it.each(loaders.map((item) => [item.id, item] as const))('%s', (id, item) => {
  const faults = loaderFaults(item, loadCorpus(item.validate_files ?? item.rules_files ?? []));
  expect(faults.length > 0, faults.join('\n')).toBe(id in KNOWN_DIFFERENCES);
});

it.each(audits.map((item) => [item.id, item] as const))('%s', (id, item) => {
  const faults = auditFaults(item);
  expect(faults.length > 0, faults.join('\n')).toBe(id in KNOWN_DIFFERENCES);
});
