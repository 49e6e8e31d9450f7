import { PRIORITIES } from '../../core/events/priority.ts';
import { parseFilter } from '../../core/filter/parser.ts';
import { printFilter } from '../../core/filter/print.ts';
import type { ExtraOutput } from '../../core/rules/extra-output.ts';
import { type FalcoReport, falcoReport } from '../../core/rules/report.ts';
import type { CompiledRule, Ruleset } from '../../core/rules/ruleset.ts';
import type { CaseExpectation, CorpusCase, IssueExpectation } from '../../rulesets/cases/corpus.ts';
import { type Corpus, list, type Outcome, outcomeOf } from './conformance-case.ts';
import { loadRulesFiles } from './replay-rules.ts';

type FileReport = FalcoReport['falco_load_results'][number];
type IssueReport = FileReport['errors'][number];

/** A filter that the grammar accepts or refuses. An accepted one must also print to text that reads back. */
export function checkGrammar(item: CorpusCase): Outcome {
  const parsed = parseFilter(item.filter ?? '');
  const { accept, error_contains } = item.expect;
  const faults: string[] = [];
  if (parsed.ok !== accept) {
    const message = parsed.ok ? '' : `: ${parsed.faults[0]?.message}`;
    faults.push(`${parsed.ok ? 'accepted' : 'refused'}${message}`);
  }
  if (parsed.ok) {
    const printed = printFilter(parsed.ast);
    const again = parseFilter(printed);
    if (!again.ok || printFilter(again.ast) !== printed) faults.push(`'${printed}' does not read back`);
  } else {
    const message = parsed.faults[0]?.message ?? '';
    for (const text of list(error_contains)) if (!message.includes(text)) faults.push(`says '${message}'`);
  }
  return outcomeOf(faults);
}

/** Rule files that are loaded or validated. */
export function checkLoading(corpus: Corpus, item: CorpusCase): Outcome {
  const { expect } = item;
  const paths = item.validate_files ?? item.rules_files ?? [];
  const files = paths.map((path) => ({ name: path, text: corpus.text(path) }));
  const plain = loadRulesFiles(files);
  const extraOutputs = plain.ruleset ? appendedFormats(plain.ruleset, expect) : [];
  const { ok, ruleset, results } = extraOutputs.length > 0 ? loadRulesFiles(files, { extraOutputs }) : plain;
  const report = falcoReport(results).falco_load_results;
  const faults = reportFaults(expect, report);
  if (expect.load_ok !== undefined && ok !== expect.load_ok) faults.push(`load_ok is ${ok}`);
  if (expect.exit_code !== undefined && expect.exit_code !== (ok ? 0 : 1))
    faults.push(`exit code is ${ok ? 0 : 1}`);
  if (ruleset) faults.push(...rulesetFaults(expect, ruleset));
  return outcomeOf(faults);
}

/**
 * Some tests append a format to every output by an option of their program, which a case keeps only in the
 * text that comes out: what stands there behind a rule's own output is what was appended.
 */
function appendedFormats(ruleset: Ruleset, expect: CaseExpectation): readonly ExtraOutput[] {
  return Object.entries(expect.compiled_outputs ?? {}).flatMap(([name, text]): ExtraOutput[] => {
    const own = ruleset.rules.find((rule) => rule.name === name)?.outputText;
    if (own === undefined || !text.startsWith(`${own} `)) return [];
    return [{ match: { rule: name }, output: text.slice(own.length + 1) }];
  });
}

function reportFaults(expect: CaseExpectation, report: readonly FileReport[]): string[] {
  const faults: string[] = [];
  const errors = report.flatMap((file) => file.errors);
  const warnings = report.flatMap((file) => file.warnings);
  const says = (issues: readonly IssueReport[], text: string): boolean =>
    issues.some((issue) => issue.message.includes(text));
  const last = report.at(-1);
  if (expect.schema_validation !== undefined && last?.schema_validation !== expect.schema_validation)
    faults.push(`schema_validation is ${last?.schema_validation}`);
  if (expect.has_warnings !== undefined && warnings.length > 0 !== expect.has_warnings)
    faults.push(`warnings: ${warnings.map((w) => w.message).join(', ') || 'none'}`);
  if (expect.errors_count !== undefined && errors.length !== expect.errors_count)
    faults.push(`${errors.length} errors`);
  for (const index of expect.validation_successful_at ?? [])
    if (report[index]?.successful !== true) faults.push(`file ${index} is refused`);
  for (const text of list(expect.error_contains)) if (!says(errors, text)) faults.push(`no error '${text}'`);
  for (const text of list(expect.warning_contains))
    if (!says(warnings, text)) faults.push(`no warning '${text}'`);
  for (const text of list(expect.warning_not_contains))
    if (says(warnings, text)) faults.push(`warning '${text}'`);
  for (const [wanted, issues] of [
    [expect.errors ?? [], errors],
    [expect.warnings ?? [], warnings],
  ] as const) {
    for (const want of wanted) {
      if (issues.some((issue) => meets(want, issue))) continue;
      const found = issues.map((issue) => `${issue.code} ${issue.message}`).join(', ') || 'none';
      faults.push(`no ${JSON.stringify(want)} among: ${found}`);
    }
  }
  return faults;
}

function meets(want: IssueExpectation, issue: IssueReport): boolean {
  if (want.code !== undefined && issue.code !== want.code) return false;
  if (want.message !== undefined && issue.message !== want.message) return false;
  if (want.message_regex !== undefined && !new RegExp(want.message_regex).test(issue.message)) return false;
  return issue.context.locations.some(
    (location) =>
      (want.item_type === undefined || location.item_type === want.item_type) &&
      (want.item_name === undefined || location.item_name === want.item_name),
  );
}

function rulesetFaults(expect: CaseExpectation, ruleset: Ruleset): readonly string[] {
  const faults: string[] = [];
  const find = (name: string): CompiledRule | undefined => ruleset.rules.find((rule) => rule.name === name);
  for (const [name, text] of Object.entries(expect.compiled_conditions ?? {})) {
    const rule = find(name);
    const printed = rule && printFilter(rule.ast);
    if (printed !== text) faults.push(`condition of ${name} is ${printed}`);
  }
  for (const [name, text] of Object.entries(expect.compiled_outputs ?? {})) {
    const output = find(name)?.outputText;
    if (output !== text) faults.push(`output of ${name} is ${output}`);
  }
  const enabled = ruleset.rules.filter((rule) => rule.enabled).length;
  if (expect.num_enabled_rules !== undefined && enabled !== expect.num_enabled_rules)
    faults.push(`${enabled} rules enabled`);
  for (const { rule_index, path, value } of expect.describe_rule ?? []) {
    const rule = ruleset.rules[rule_index];
    const actual = rule && described(rule)[path];
    // Unsigned numbers are written `10000u`.
    if (String(actual) !== String(value).replace(/^(\d+)u$/, '$1')) faults.push(`${path} is ${actual}`);
  }
  return faults;
}

function described(rule: CompiledRule): Readonly<Record<string, unknown>> {
  return {
    'info.name': rule.name,
    'info.condition': rule.conditionText,
    'info.output': rule.outputText,
    'info.description': rule.description,
    'info.priority': PRIORITIES[rule.priority],
    'info.source': rule.source,
    'info.enabled': rule.enabled,
    'info.tags': rule.tags,
    'info.capture': rule.capture,
    'info.capture_duration': rule.captureDurationMs,
  };
}
