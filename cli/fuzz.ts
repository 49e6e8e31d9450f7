import { parseArgs } from 'node:util';
import { type FuzzResult, fuzz } from './lib/fuzz-run.ts';
import { readSeeds } from './lib/fuzz-seeds.ts';
import { fuzzTargets } from './lib/fuzz-targets.ts';
import { CliError, step } from './lib/report.ts';

const INPUTS_DEFAULT = 100_000;
const INPUTS_MAX = 1_000_000_000;

const HELP = `Usage: ./eyrie fuzz [lexer|parser|loader|audit|scap|frames]… [--inputs N] [--seed N] [--json]

Feeds generated and mutated inputs to what reads hostile data: the filter's lexer and parser, the rule loader, the
mapping of Kubernetes audit events, the capture reader and the decoder of the probe's frames. A crash, a broken
promise, or an input that takes over a second ends it.

  --inputs N   for each target (default ${INPUTS_DEFAULT})
  --seed N     the same seed gives the same inputs (default 1)
  --json       one JSON object a target

Exit: 0 every promise held, 1 one was broken (its input is printed), 2 wrong usage.
`;

/** `eyrie fuzz`: the long form of the fuzz tests. */
export async function runFuzz(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      inputs: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const inputs = numberOf(values.inputs, INPUTS_DEFAULT, '--inputs');
  const seed = numberOf(values.seed, 1, '--seed');
  const all = fuzzTargets(readSeeds());
  const wrong = positionals.find((name) => !all.some((target) => target.name === name));
  if (wrong !== undefined) throw new CliError(`no fuzz target '${wrong}'\n\n${HELP}`, 2);
  const targets = all.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  let failed = false;
  for (const target of targets) {
    const result = fuzz(target, inputs, seed, (done) => step(`${target.name}: ${done} of ${inputs}`));
    failed ||= result.breach !== undefined;
    process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : resultText(result));
  }
  return failed ? 1 : 0;
}

function numberOf(text: string | undefined, fallback: number, option: string): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > INPUTS_MAX)
    throw new CliError(`${option} must be a number from 1 to ${INPUTS_MAX}, not '${text}'`, 2);
  return value;
}

function resultText(result: FuzzResult): string {
  const { target, inputs, seconds, slowestMs, peakRssBytes, seed, breach } = result;
  const line = `${target.padEnd(8)} ${inputs} inputs, ${seconds.toFixed(1)} s, slowest ${slowestMs.toFixed(1)} ms, peak memory ${(peakRssBytes / 2 ** 20).toFixed(0)} MiB\n`;
  if (!breach) return line;
  return `${line}BROKEN with --seed ${seed}: ${breach.why}\ninput: ${JSON.stringify(breach.input)}\n`;
}
