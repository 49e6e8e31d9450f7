import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { priorityName } from '../core/events/priority.ts';
import { humanReport } from '../core/rules/report.ts';
import type { CompiledRule } from '../core/rules/ruleset.ts';
import { selectRules } from '../core/rules/selection.ts';
import { env, ROOT } from './lib/paths.ts';
import { legacySteps, readFalcoConfig } from './lib/replay-config.ts';
import { LineBuffer, readable } from './lib/replay-output.ts';
import { loadRulesFiles, readRulesFiles } from './lib/replay-rules.ts';
import { type ReplayStats, replay } from './lib/replay-run.ts';
import { CliError } from './lib/report.ts';

const HELP = `Usage: ./eyrie replay FILE [-r RULES…] [options]

Runs rules over a .scap capture, or over Kubernetes audit events: JSON lines, one JSON array, or an EventList
('-' = audit events from standard input). One alert a line on standard output.

  -r RULES            rules file or directory, in order; may be repeated (default: the rules of the product)
  -c FILE             a falco.yaml: selection, output format, rule_matching and append_output are taken from it
  -o KEY=VALUE        one setting of it, as Falco's -o: priority=…, rules[].disable.rule=GLOB,
                      rules[].enable.tag=TAG, time_format_iso_8601=true, append_output[]={…} …
  -D TEXT             disable rules whose name contains TEXT
  -T TAG / -t TAG     disable rules with the tag / run only rules with the tag
  --priority NAME     leave out rules less severe than this
  --json              alerts as Falco's JSON
  --all               every matching rule of an event, not only the first
  --exit-only         the event model of Falco 0.42 and later: no enter events
  --stats             on standard error: events, seconds, events a second, alerts by rule and priority

FALCO_HOSTNAME is the hostname in JSON alerts. Exit: 0 the file was replayed, 1 it could not be, 2 wrong usage.
`;

/** `eyrie replay`: runs rules over recorded events. */
export async function runReplay(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      rules: { type: 'string', short: 'r', multiple: true, default: [] },
      config: { type: 'string', short: 'c' },
      option: { type: 'string', short: 'o', multiple: true, default: [] },
      'disable-rule': { type: 'string', short: 'D', multiple: true, default: [] },
      'disable-tag': { type: 'string', short: 'T', multiple: true, default: [] },
      tag: { type: 'string', short: 't', multiple: true, default: [] },
      priority: { type: 'string' },
      json: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      'exit-only': { type: 'boolean', default: false },
      stats: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [path, ...more] = positionals;
  if (path === undefined) throw new CliError(`expected a FILE\n\n${HELP}`, 2);
  const steps = legacySteps({
    disabledNames: values['disable-rule'],
    disabledTags: values['disable-tag'],
    enabledTags: values.tag,
  });
  const settings = [
    ...values.option,
    ...(values.priority === undefined ? [] : [`priority=${values.priority}`]),
    ...(values.json ? ['json_output=true'] : []),
    ...(values.all ? ['rule_matching=all'] : []),
  ];
  const config = readFalcoConfig(values.config === undefined ? '' : readText(values.config), settings);
  // Like Falco's own option, -r takes every path that follows it.
  const paths = [...values.rules, ...more];
  const files = readRulesFiles(paths.length > 0 ? paths : [join(ROOT, 'rulesets')]);
  const loaded = loadRulesFiles(files, { extraOutputs: config.extraOutputs });
  if (!loaded.ruleset) {
    process.stderr.write(humanReport(loaded.results, loaded.textOf));
    return 1;
  }
  if (loaded.pluginFault !== undefined) throw new CliError(loaded.pluginFault);
  const ruleset = selectRules(loaded.ruleset, {
    ...config.selection,
    steps: [...steps, ...config.selection.steps],
  });
  const out = new LineBuffer();
  try {
    const stats = await replay(
      ruleset,
      { path, exitOnly: values['exit-only'], config, hostname: env.FALCO_HOSTNAME ?? hostname() },
      {
        onAlert: ({ line }) => out.line(line),
        warn: (message) => process.stderr.write(`eyrie: ${path}: ${message}\n`),
      },
    );
    out.flush();
    if (values.stats) process.stderr.write(statsText(stats));
    return 0;
  } catch (err) {
    out.flush();
    throw readable(err, path);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (err) {
    throw new CliError(`cannot read ${path}: ${err instanceof Error ? err.message : String(err)}`);
  }
}

function statsText({ events, seconds, alerts }: ReplayStats): string {
  const rows = [...alerts].sort(([, a], [, b]) => b - a);
  const total = rows.reduce((sum, [, count]) => sum + count, 0);
  const rate = seconds > 0 ? Math.round(events / seconds) : 0;
  const lines = [
    `events      ${events}`,
    `seconds     ${seconds.toFixed(3)}`,
    `events/s    ${rate}`,
    `alerts      ${total}`,
    ...grouped('by priority', byPriority(rows)),
    ...grouped('by rule', new Map(rows.map(([rule, count]) => [rule.name, count]))),
  ];
  return `${lines.join('\n')}\n`;
}

function byPriority(rows: readonly (readonly [CompiledRule, number])[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [rule, count] of [...rows].sort(([a], [b]) => a.priority - b.priority)) {
    const name = priorityName(rule.priority);
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return counts;
}

function grouped(title: string, counts: ReadonlyMap<string, number>): readonly string[] {
  if (counts.size === 0) return [];
  return [`${title}:`, ...[...counts].map(([name, count]) => `  ${String(count).padStart(8)}  ${name}`)];
}
