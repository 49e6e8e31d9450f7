import { isDeepStrictEqual } from 'node:util';
import { humanReport } from '../../core/rules/report.ts';
import { selectRules } from '../../core/rules/selection.ts';
import { CaptureError } from '../../core/scap/capture-error.ts';
import type { CaseExpectation, CorpusCase } from '../../rulesets/cases/corpus.ts';
import { type Corpus, list, type Outcome, outcomeOf } from './conformance-case.ts';
import { parseExact } from './conformance-json.ts';
import { legacySteps, readFalcoConfig } from './replay-config.ts';
import { loadRulesFiles } from './replay-rules.ts';
import { replay } from './replay-run.ts';
import { CliError } from './report.ts';

/** What a run of Falco shows to its user. */
type Run = {
  readonly exitCode: number;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
  readonly levels: ReadonlySet<string>;
};

/** Rules over a capture or audit file, in the enter-and-exit model that the cases were made with. */
export async function checkDetection(corpus: Corpus, item: CorpusCase): Promise<Outcome> {
  const run = await runCase(corpus, item);
  return outcomeOf(detectionFaults(corpus, item.expect, run));
}

async function runCase(corpus: Corpus, item: CorpusCase): Promise<Run> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const counts = new Map<string, number>();
  const levels = new Set<string>();
  let exitCode = 0;
  try {
    await detect(corpus, item, {
      stdout,
      stderr,
      onRule: (name, priority) => {
        counts.set(name, (counts.get(name) ?? 0) + 1);
        levels.add(LEVELS[priority] ?? '');
      },
    });
  } catch (err) {
    // Only what a user could have caused is an answer; a fault of ours fails the case.
    if (!(err instanceof CliError || err instanceof CaptureError)) throw err;
    stderr.push(err.message);
    exitCode = 1;
  }
  return { exitCode, stdout, stderr, counts, levels };
}

/** Priority numbers as the cases write them. */
const LEVELS = ['EMERGENCY', 'ALERT', 'CRITICAL', 'ERROR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG'];

type Sink = {
  readonly stdout: string[];
  readonly stderr: string[];
  readonly onRule: (name: string, priority: number) => void;
};

async function detect(corpus: Corpus, item: CorpusCase, sink: Sink): Promise<void> {
  const options = item.options ?? {};
  const settings = [
    ...(options.json_output === undefined ? [] : [`json_output=${options.json_output}`]),
    ...list(options.min_priority).map((name) => `priority=${name}`),
    ...(options.args ?? []).flatMap((arg) => /^-o\s*(.+)$/s.exec(arg)?.[1] ?? []),
  ];
  const config = readFalcoConfig(item.config_file ? corpus.text(item.config_file) : '', settings);
  const files = (item.rules_files ?? []).map((path) => ({ name: path, text: corpus.text(path) }));
  const loaded = loadRulesFiles(files, { extraOutputs: config.extraOutputs });
  if (!loaded.ruleset) throw new CliError(humanReport(loaded.results, loaded.textOf));
  const steps = legacySteps({
    disabledNames: options.disabled_rules_substr ?? [],
    disabledTags: options.disabled_tags ?? [],
    enabledTags: options.enabled_tags ?? [],
  });
  const ruleset = selectRules(loaded.ruleset, {
    ...config.selection,
    steps: [...steps, ...config.selection.steps],
  });
  await replay(
    ruleset,
    {
      path: corpus.path(item.input_file ?? ''),
      exitOnly: false,
      config,
      hostname: options.env?.FALCO_HOSTNAME ?? 'localhost',
    },
    {
      onAlert: ({ rule, line }) => {
        sink.stdout.push(line);
        sink.onRule(rule.name, rule.priority);
      },
      warn: (message) => sink.stderr.push(message),
    },
  );
}

function detectionFaults(corpus: Corpus, expect: CaseExpectation, run: Run): readonly string[] {
  const { counts, levels } = run;
  const faults: string[] = [];
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (expect.exit_code !== undefined && run.exitCode !== expect.exit_code)
    faults.push(`exit code is ${run.exitCode}: ${run.stderr.join(' ')}`);
  if (expect.detect !== undefined && total > 0 !== expect.detect) faults.push(`${total} alerts`);
  if (expect.total !== undefined && total !== expect.total)
    faults.push(`${total} alerts, not ${expect.total}`);
  const wantedCounts = expect.rule_counts ?? expect.legacy_rule_counts ?? {};
  for (const [rule, count] of Object.entries(wantedCounts)) {
    if ((counts.get(rule) ?? 0) !== count) faults.push(`${rule}: ${counts.get(rule) ?? 0}, not ${count}`);
  }
  for (const level of expect.levels_present ?? []) if (!levels.has(level)) faults.push(`no ${level} alert`);
  for (const level of expect.levels_absent ?? []) if (levels.has(level)) faults.push(`some ${level} alert`);
  faults.push(...streamFaults(expect, run));
  if (expect.output_file !== undefined) {
    const wanted = corpus.text(expect.output_file).split('\n');
    for (const line of wanted) {
      if (line !== '' && !run.stdout.some((actual) => sameLine(actual, line)))
        faults.push(`no line '${line}'`);
    }
  }
  return faults;
}

function legacyStreams(expect: CaseExpectation): NonNullable<CaseExpectation['streams']> {
  const each = (texts: string | readonly string[] | undefined, stream: string) =>
    list(texts).map((pattern) => ({ op: 'Regexp', pattern, stream }));
  return [...each(expect.legacy_stdout_contains, 'stdout'), ...each(expect.legacy_stderr_contains, 'stderr')];
}

function streamFaults(expect: CaseExpectation, run: Run): readonly string[] {
  const faults: string[] = [];
  const text = (stream: string): string => (stream === 'stderr' ? run.stderr : run.stdout).join('\n');
  // The older test ran with other options: its lines count only where the newer one is silent.
  const older = expect.detect_from === undefined ? [] : legacyStreams(expect);
  const checks = expect.streams ?? older;
  for (const { op, pattern, stream } of checks) {
    const found = op === 'Contains' ? text(stream).includes(pattern) : new RegExp(pattern).test(text(stream));
    if (found === (op === 'NotRegexp')) faults.push(`${op} '${pattern}' fails on ${stream}`);
  }
  return faults;
}

function sameLine(actual: string, wanted: string): boolean {
  if (actual === wanted) return true;
  if (!actual.startsWith('{') || !wanted.startsWith('{')) return false;
  return isDeepStrictEqual(parseExact(actual), parseExact(wanted));
}
