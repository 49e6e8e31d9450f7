import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { humanReport } from '../../core/rules/report.ts';
import type { Ruleset } from '../../core/rules/ruleset.ts';
import { type Check, type Corpus, type Outcome, outcomeOf } from './conformance-case.ts';
import { parseExact } from './conformance-json.ts';
import { readFalcoConfig } from './replay-config.ts';
import { loadRulesFiles } from './replay-rules.ts';
import { replay } from './replay-run.ts';

const DIRECTORY = 'falco-0.44';
const COUNTS = 'counts.tsv';
const ALERTS = 'alerts';
/** Rules of which the answers called `upstream` were made, in load order. */
const UPSTREAM = ['falco_rules.yaml', 'falco-incubating_rules.yaml', 'falco-sandbox_rules.yaml'];

type Answer = { readonly counts: ReadonlyMap<string, number>; readonly lines: readonly string[] };

/** Answers of our engine under the conditions of the recorded ones: exit events only, every matching rule. */
class Engine {
  readonly #corpus: Corpus;
  readonly #rulesets = new Map<string, Ruleset>();
  readonly #answers = new Map<string, Promise<Answer>>();

  constructor(corpus: Corpus) {
    this.#corpus = corpus;
  }

  answer(capture: string, rules: string): Promise<Answer> {
    const key = `${capture}\t${rules}`;
    let answer = this.#answers.get(key);
    if (!answer) {
      answer = this.#run(capture, rules);
      this.#answers.set(key, answer);
    }
    return answer;
  }

  async #run(capture: string, rules: string): Promise<Answer> {
    const config = readFalcoConfig('', ['json_output=true', 'rule_matching=all']);
    const counts = new Map<string, number>();
    const lines: string[] = [];
    const path = this.#corpus.path('captures', capture);
    await replay(
      this.#ruleset(rules),
      { path, exitOnly: true, config, hostname: '' },
      {
        onAlert: ({ rule, line }) => {
          counts.set(rule.name, (counts.get(rule.name) ?? 0) + 1);
          lines.push(line);
        },
        warn: () => undefined,
      },
    );
    return { counts, lines };
  }

  #ruleset(rules: string): Ruleset {
    const known = this.#rulesets.get(rules);
    if (known) return known;
    const own = `${DIRECTORY}/rules-${rules}.yaml`;
    const paths = this.#corpus.has(own) ? [own] : UPSTREAM.map((name) => `upstream-rules/${name}`);
    const files = paths.map((path) => ({ name: path, text: this.#corpus.text(path) }));
    const { ruleset, results, textOf } = loadRulesFiles(files);
    if (!ruleset) throw new Error(humanReport(results, textOf));
    this.#rulesets.set(rules, ruleset);
    return ruleset;
  }
}

/** Matches per capture and rule: one check a row, and one a capture and rules for those that have no row. */
export function countChecks(corpus: Corpus): readonly Check[] {
  if (!corpus.has(DIRECTORY, COUNTS)) return [];
  const engine = new Engine(corpus);
  const rows = corpus.rows(`${DIRECTORY}/${COUNTS}`);
  const kind = 'falco-counts';
  const checks = rows.map(([capture = '', rules = '', rule = '', matches = '']): Check => {
    const run = async (): Promise<Outcome> => {
      if (!corpus.has('captures', capture)) return NO_CAPTURE;
      const { counts } = await engine.answer(capture, rules);
      const actual = String(counts.get(rule) ?? 0);
      return outcomeOf(actual === matches ? [] : [`${actual}, not ${matches}`]);
    };
    return { id: `${kind}/${capture} ${rules} ${rule}`, kind, run };
  });
  const pairs = new Set(rows.map(([capture, rules]) => `${capture}\t${rules}`));
  const others = [...pairs].map((pair): Check => {
    const [capture = '', rules = ''] = pair.split('\t');
    const named = new Set(rows.filter((row) => row[0] === capture && row[1] === rules).map((row) => row[2]));
    const run = async (): Promise<Outcome> => {
      if (!corpus.has('captures', capture)) return NO_CAPTURE;
      const { counts } = await engine.answer(capture, rules);
      const surplus = [...counts].filter(([rule]) => !named.has(rule));
      return outcomeOf(surplus.map(([rule, count]) => `${rule}: ${count}, not 0`));
    };
    return { id: `${kind}/${capture} ${rules} (no other rule)`, kind, run };
  });
  return [...checks, ...others];
}

const NO_CAPTURE: Outcome = { status: 'skipped', why: 'the capture is not in the corpus' };

/** Alerts of the upstream rules, field by field: one check a capture. */
export function alertChecks(corpus: Corpus): readonly Check[] {
  if (!corpus.has(DIRECTORY, ALERTS)) return [];
  const engine = new Engine(corpus);
  return readdirSync(corpus.path(DIRECTORY, ALERTS))
    .filter((name) => name.endsWith('.jsonl.gz'))
    .sort()
    .map((name): Check => {
      const capture = name.replace(/\.jsonl\.gz$/, '').replace('_', '/');
      const run = async (): Promise<Outcome> => {
        if (!existsSync(corpus.path('captures', capture))) return NO_CAPTURE;
        const text = gunzipSync(readFileSync(corpus.path(DIRECTORY, ALERTS, name))).toString('utf8');
        const wanted = text.split('\n').filter((line) => line !== '');
        const { lines } = await engine.answer(capture, 'upstream');
        return outcomeOf(alertFaults(wanted.map(comparable), lines.map(comparable)));
      };
      return { id: `falco-alerts/${capture}`, kind: 'falco-alerts', run };
    });
}

/** An alert without what depends on the machine: its hostname, and the local time in front of the output. */
function comparable(line: string): Record<string, unknown> {
  const { hostname: _, ...alert } = parseExact(line) as Record<string, unknown>;
  const { output } = alert;
  if (typeof output === 'string') alert.output = output.slice(output.indexOf(': ') + 2);
  return alert;
}

function alertFaults(
  wanted: readonly Record<string, unknown>[],
  actual: readonly Record<string, unknown>[],
): readonly string[] {
  const faults = wanted.length === actual.length ? [] : [`${actual.length} alerts, not ${wanted.length}`];
  for (const [i, want] of wanted.entries()) {
    const have = actual[i];
    if (!have || isDeepStrictEqual(have, want)) continue;
    const keys = Object.keys({ ...want, ...have }).filter((key) => !isDeepStrictEqual(want[key], have[key]));
    const parts = keys.map((key) => `${key}: ${JSON.stringify(have[key])}, not ${JSON.stringify(want[key])}`);
    faults.push(`alert ${i + 1}: ${parts.join(', ')}`);
  }
  return faults;
}
