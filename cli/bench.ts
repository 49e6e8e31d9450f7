import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePrismaClient } from './lib/build.ts';
import { ROOT } from './lib/paths.ts';
import { CliError } from './lib/report.ts';
import { toolEnv } from './lib/run.ts';

const NAMES = ['attribution', 'detect', 'endurance', 'ingest', 'latency', 'sensor'] as const;
const HELP = `Usage: ./eyrie bench NAME [--json] [--scale N]

NAME is one of: ${NAMES.join(', ')}. Each runs its peer or its limit beside it in the same run and prints
one JSON object: {"name","ours","peer","ratio","unit","runs",…}; medians. Progress goes to stderr.
`;

/** `eyrie bench`: runs bench/NAME.ts in its own process, so that its memory figures are its own. */
export async function runBench(argv: string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h') {
    process.stdout.write(HELP);
    return name === undefined ? 2 : 0;
  }
  const file = join(ROOT, 'bench', `${name}.ts`);
  if (!NAMES.some((known) => known === name) || !existsSync(file)) {
    throw new CliError(`no benchmark '${name}'\n\n${HELP}`, 2);
  }
  await ensurePrismaClient();
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...rest], {
    cwd: ROOT,
    env: toolEnv(),
    stdio: 'inherit',
  });
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
}
