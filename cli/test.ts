import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePrismaClient, ensureServerBuild } from './lib/build.ts';
import { BROWSER_PACKAGES, ensurePackages, PROBE_PACKAGES, READER_PACKAGES } from './lib/packages.ts';
import { cacheDir, env, isLinux, isRoot, ROOT } from './lib/paths.ts';
import { CliError, step, warn } from './lib/report.ts';
import { toolEnv } from './lib/run.ts';
import { type Counts, countPlaywright, countVitest } from './lib/test-counts.ts';

const SUITES = ['check', 'unit', 'conformance', 'integration', 'sensor', 'e2e'] as const;
type Suite = (typeof SUITES)[number];

const HELP = `Usage: ./eyrie test [${SUITES.join('|')}]… [--json]

Without a name it runs all of them. Set-up happens by itself: Debian packages (as root), the database
client, the server build, the test cluster's binary. sensor and e2e need root on Linux; elsewhere they are
skipped and say so, and with CI=true a skip counts as failed. Last line: 'N passed, N failed'.
`;

/** Static checks, each counted as one test. */
const CHECKS: readonly {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}[] = [
  { name: 'format, lint and import zones', command: 'biome', args: ['check', '.'] },
  { name: 'types', command: 'tsc', args: ['--noEmit', '-p', '.'] },
  { name: 'dead code', command: 'knip', args: [] },
];

function run(
  command: string,
  args: readonly string[],
  extraEnv: Readonly<Record<string, string>> = {},
): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: toolEnv(extraEnv),
      // Results of the runners are progress here; stdout is for our own result.
      stdio: ['ignore', 2, 2],
    });
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

async function runChecks(): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  await run('next', ['typegen']);
  for (const check of CHECKS) {
    const code = await run(check.command, check.args);
    step(`${check.name}: ${code === 0 ? 'ok' : `FAILED (${check.command} ${check.args.join(' ')})`}`);
    if (code === 0) counts.passed += 1;
    else counts.failed += 1;
  }
  return counts;
}

/** Responses are tested against a real cluster where one can run: root on Linux. */
async function runIntegration(outDir: string): Promise<Counts> {
  if (!(isRoot && isLinux)) {
    warn('SKIPPED in integration: responses against a real Kubernetes need root on Linux');
    return runVitest('integration', outDir);
  }
  const { startCluster, CLUSTER_PACKAGES } = await import('./cluster.ts');
  await ensurePackages('test cluster', CLUSTER_PACKAGES);
  const cluster = await startCluster({ name: 'itest', log: step });
  try {
    return await runVitest('integration', outDir, { EYRIE_TEST_KUBECONFIG: cluster.serverKubeconfig });
  } finally {
    await cluster.stop();
  }
}

async function runVitest(
  suite: Suite,
  outDir: string,
  extraEnv: Readonly<Record<string, string>> = {},
): Promise<Counts> {
  const output = join(outDir, `${suite}.json`);
  const code = await run(
    'vitest',
    ['run', '--project', suite, '--reporter=default', '--reporter=json', `--outputFile.json=${output}`],
    extraEnv,
  );
  return countVitest(existsSync(output) ? readFileSync(output, 'utf8') : '', code);
}

async function runPlaywright(outDir: string): Promise<Counts> {
  const { buildKube, CLUSTER_PACKAGES } = await import('./cluster.ts');
  await ensurePackages('browser', BROWSER_PACKAGES);
  await ensurePackages('test cluster', CLUSTER_PACKAGES);
  await buildKube({ log: step });
  await ensureServerBuild();
  const output = join(outDir, 'e2e.json');
  const artifacts = env.EYRIE_ARTIFACTS ?? join(cacheDir(), 'artifacts');
  const code = await run(
    'playwright',
    ['test', '--config', 'e2e/playwright.config.ts', '--reporter=list,json'],
    {
      PLAYWRIGHT_JSON_OUTPUT_NAME: output,
      EYRIE_ARTIFACTS: artifacts,
    },
  );
  step(`screenshots and traces: ${artifacts}`);
  return countPlaywright(existsSync(output) ? readFileSync(output, 'utf8') : '', code);
}

async function runSuite(suite: Suite, outDir: string): Promise<Counts> {
  const needsRoot = suite === 'sensor' || suite === 'e2e';
  if (needsRoot && !(isRoot && isLinux)) {
    warn(
      `SKIPPED ${suite}: it needs root on Linux (BPF programs, network namespaces, containers). Run: sudo ./eyrie test ${suite}`,
    );
    return { passed: 0, failed: 0, skipped: 1 };
  }
  if (suite === 'sensor') await ensurePackages('sensor', [...PROBE_PACKAGES, ...READER_PACKAGES]);
  if (suite === 'conformance') await ensurePackages('conformance', READER_PACKAGES);
  if (suite === 'check') return runChecks();
  if (suite === 'e2e') {
    await ensurePackages('sensor', PROBE_PACKAGES);
    return runPlaywright(outDir);
  }
  if (suite === 'integration') return runIntegration(outDir);
  return runVitest(suite, outDir);
}

/** `eyrie test`: every suite runs even when one before it failed. */
export async function runTest(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const unknown = positionals.filter((name) => !SUITES.some((suite) => suite === name));
  if (unknown.length > 0) throw new CliError(`no such suite: ${unknown.join(', ')}\n\n${HELP}`, 2);
  const wanted = SUITES.filter((suite) => positionals.length === 0 || positionals.includes(suite));

  const outDir = mkdtempSync(join(tmpdir(), 'eyrie-test-'));
  const results: Record<string, Counts> = {};
  await ensurePrismaClient();
  for (const suite of wanted) {
    step(`── ${suite}`);
    try {
      results[suite] = await runSuite(suite, outDir);
    } catch (err) {
      warn(`${suite} could not run: ${err instanceof Error ? err.message : String(err)}`);
      results[suite] = { passed: 0, failed: 1, skipped: 0 };
    }
  }
  rmSync(outDir, { recursive: true, force: true });

  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [suite, counts] of Object.entries(results)) {
    step(`${suite.padEnd(12)} ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    total.passed += counts.passed;
    total.skipped += counts.skipped;
    // Where CI runs everything can run, so a test that did not run there is a failed one.
    total.failed += counts.failed + (env.CI === 'true' ? counts.skipped : 0);
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ total, suites: results })}\n`);
  else
    step(
      total.failed === 0
        ? 'next: ./eyrie up'
        : 'next: read the failures above; run one suite with ./eyrie test NAME',
    );
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
  return total.failed === 0 ? 0 : 1;
}
