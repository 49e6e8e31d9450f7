import { parseArgs } from 'node:util';
import { hooksFor } from '../agent/probe/start.ts';
import { priorityName } from '../core/events/priority.ts';
import { printFilter } from '../core/filter/print.ts';
import { describePrefilter } from '../core/rules/describe-prefilter.ts';
import { type Prefilter, prefilterOf } from '../core/rules/prefilter.ts';
import { falcoReport, humanReport } from '../core/rules/report.ts';
import type { CompiledRule } from '../core/rules/ruleset.ts';
import { loadRulesFiles, readRulesFiles } from './lib/replay-rules.ts';
import { CliError } from './lib/report.ts';

const HELP = `Usage: ./eyrie rules check FILE… [--json]
       ./eyrie rules explain FILE… [--rule NAME] [--json]

Loads Falco rule files in order as one ruleset.

  check      every fault and warning as file:line:column; --json prints Falco's -V report instead
  explain    effective condition (lists, macros and exceptions put in), event types, the hooks
             that the sensor attaches for it, and what the kernel may drop before a rule sees it

Exit: 0 all files are good, 1 some file is refused or a rule is not found, 2 wrong usage.
`;

/** `eyrie rules`: checks or explains rule files. */
export async function runRules(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      rule: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [verb, ...paths] = positionals;
  if ((verb !== 'check' && verb !== 'explain') || paths.length === 0)
    throw new CliError(`expected 'check FILE…' or 'explain FILE…'\n\n${HELP}`, 2);
  const { ok, ruleset, results, textOf, pluginFault } = loadRulesFiles(readRulesFiles(paths));
  if (verb === 'check') {
    process.stdout.write(
      values.json ? `${JSON.stringify(falcoReport(results))}\n` : humanReport(results, textOf),
    );
    // Not an error of the files: Falco's validation does not ask for plugins either.
    if (pluginFault !== undefined && !values.json) process.stdout.write(`note: ${pluginFault}\n`);
    return ok ? 0 : 1;
  }
  if (!ruleset) {
    process.stderr.write(humanReport(results, textOf));
    return 1;
  }
  const rules = ruleset.rules.filter((rule) => values.rule === undefined || rule.name === values.rule);
  if (rules.length === 0) {
    throw new CliError(
      values.rule === undefined ? 'the files hold no rule' : `no rule named '${values.rule}'`,
    );
  }
  const explained = rules.map(explain);
  process.stdout.write(
    values.json ? `${JSON.stringify(explained)}\n` : explained.map(explainText).join('\n'),
  );
  return 0;
}

type Explained = {
  readonly rule: string;
  readonly source: string;
  readonly priority: string;
  readonly enabled: boolean;
  readonly tags: readonly string[];
  readonly condition: string;
  /** `all` when the condition names no event type. */
  readonly eventTypes: readonly string[] | 'all' | 'audit';
  readonly output: string;
  /** What the kernel must let through for this rule alone; null for rules over audit events. */
  readonly prefilter: Prefilter | null;
  /** Probes that this rule alone makes the sensor attach, besides those of processes; null as above. */
  readonly hooks: readonly string[] | null;
};

function explain(rule: CompiledRule): Explained {
  const everything = rule.source === 'syscall' ? 'all' : 'audit';
  return {
    rule: rule.name,
    source: rule.source,
    priority: priorityName(rule.priority),
    enabled: rule.enabled,
    tags: rule.tags,
    condition: printFilter(rule.ast),
    eventTypes: rule.types ? [...rule.types].sort() : everything,
    output: rule.outputText,
    // A disabled rule is explained as if it ran.
    prefilter: rule.source === 'syscall' ? prefilterOf([{ ...rule, enabled: true }]) : null,
    hooks: rule.source === 'syscall' ? hooksFor(rule.types && [...rule.types].sort()) : null,
  };
}

/** Starts and ends of processes are always followed: every field of a process needs them. */
function hooksText(hooks: readonly string[]): string {
  return ['exec, fork and exit, as always', ...hooks].join(', ');
}

const TYPES: Readonly<Record<'all' | 'audit', string>> = {
  all: 'all (no restriction: every system call is needed)',
  audit: 'audit events of the API server',
};

function explainText(rule: Explained): string {
  const types = typeof rule.eventTypes === 'string' ? TYPES[rule.eventTypes] : rule.eventTypes.join(', ');
  const rows = [
    ['rule', rule.enabled ? rule.rule : `${rule.rule} (disabled)`],
    ['priority', rule.priority],
    ['source', rule.source],
    ['tags', rule.tags.join(', ')],
    ['events', types],
    ['condition', rule.condition],
    ['output', rule.output],
    ...(rule.hooks ? [['hooks', hooksText(rule.hooks)]] : []),
    ...(rule.prefilter ? [['kernel', describePrefilter(rule.prefilter)]] : []),
  ];
  return `${rows.map(([name = '', value = '']) => `${name.padEnd(10)} ${printable(value, name === 'kernel')}`).join('\n')}\n`;
}

/** Text that cannot steer the terminal; `lines` keeps line ends and sets the lines below the first. */
function printable(text: string, lines: boolean): string {
  const end = lines ? `\n${' '.repeat(11)}` : ' ';
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (char) => (char === '\n' ? end : '\ufffd'));
}
