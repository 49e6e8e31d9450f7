import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Check, Corpus, type Outcome } from './lib/conformance-case.ts';
import { corpusChecks } from './lib/conformance-checks.ts';
import { CliError } from './lib/report.ts';

const HELP = `Usage: ./eyrie conformance --corpus DIR [--cases FILE] [--kind KIND]… [--json]

Runs a corpus: rules, captures and audit files with the answers of Falco and sysdig. DIR holds cases.json and
what it names; where they exist, also sysdig-oracle.tsv, sysdig-dumps/ and falco-0.44/ are run.

  --cases FILE   cases of this file instead of DIR/cases.json and the recorded answers
  --kind KIND    only checks of this kind; may be repeated
  --json         {"total","passed","failed","skipped","byKind","failures","skips"}

Exit: 0 nothing failed, 1 something failed, 2 wrong usage.
`;

type Tally = { total: number; passed: number; failed: number; skipped: number };
type Named = { readonly id: string; readonly why: string };
export type ConformanceReport = Tally & {
  readonly byKind: Readonly<Record<string, Tally>>;
  readonly failures: readonly Named[];
  readonly skips: readonly Named[];
};

/** `eyrie conformance`: runs a corpus and tells what differs. */
export async function runConformance(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      corpus: { type: 'string' },
      cases: { type: 'string' },
      kind: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.corpus === undefined) throw new CliError(`expected --corpus DIR\n\n${HELP}`, 2);
  const corpus = new Corpus(resolve(values.corpus));
  const all = corpusChecks(corpus, values.cases);
  if (all.length === 0) throw new CliError(`nothing to run in ${corpus.directory}: it has no cases.json`);
  const checks = all.filter((check) => values.kind.length === 0 || values.kind.includes(check.kind));
  if (checks.length === 0) {
    const kinds = [...new Set(all.map((check) => check.kind))].join(', ');
    throw new CliError(`no checks of kind ${values.kind.join(', ')}; there are: ${kinds}`, 2);
  }
  const report = await runChecks(checks);
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : reportText(report));
  return report.failed === 0 ? 0 : 1;
}

/** Runs checks one after the other. */
async function runChecks(checks: readonly Check[]): Promise<ConformanceReport> {
  const tally = (): Tally => ({ total: 0, passed: 0, failed: 0, skipped: 0 });
  const whole = tally();
  const byKind = new Map<string, Tally>();
  const failures: Named[] = [];
  const skips: Named[] = [];
  for (const check of checks) {
    const kind = byKind.get(check.kind) ?? tally();
    byKind.set(check.kind, kind);
    const outcome = await runCheck(check);
    for (const counts of [whole, kind]) {
      counts.total++;
      counts[outcome.status]++;
    }
    if (outcome.status === 'failed') failures.push({ id: check.id, why: outcome.why });
    if (outcome.status === 'skipped') skips.push({ id: check.id, why: outcome.why });
  }
  return { ...whole, byKind: Object.fromEntries(byKind), failures, skips };
}

/** A check that throws has failed: a fault of ours must not end the run. */
async function runCheck(check: Check): Promise<Outcome> {
  try {
    return await check.run();
  } catch (err) {
    return { status: 'failed', why: err instanceof Error ? err.message : String(err) };
  }
}

function reportText(report: ConformanceReport): string {
  const row = (name: string, t: Tally): string =>
    `${name.padEnd(24)} ${[t.total, t.passed, t.failed, t.skipped].map((n) => String(n).padStart(8)).join('')}`;
  const lines = [
    `${'kind'.padEnd(24)}    total  passed  failed skipped`,
    ...Object.entries(report.byKind).map(([kind, counts]) => row(kind, counts)),
    row('all', report),
    ...report.skips.map(({ id, why }) => `skipped ${id}: ${why}`),
    ...report.failures.map(({ id, why }) => `FAILED  ${id}: ${why}`),
  ];
  return `${lines.join('\n')}\n`;
}
