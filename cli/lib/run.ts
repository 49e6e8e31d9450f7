import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDir, env, ROOT } from './paths.ts';
import { CliError } from './report.ts';

/** Environment for tools we start: our node first on PATH, and nobody phones home. */
export function toolEnv(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return {
    ...env,
    PATH: `${join(ROOT, 'node_modules', '.bin')}:${env.PATH ?? '/usr/bin:/bin'}`,
    NEXT_TELEMETRY_DISABLED: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    ...extra,
  };
}

/**
 * Runs a command to its end with its output in a log file; on failure the last lines are shown.
 * Errors: CliError naming the command, its status and the log.
 */
export async function runLogged(
  name: string,
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const logPath = join(cacheDir(), 'log', `${name}.log`);
  mkdirSync(dirname(logPath), { recursive: true });
  const log = createWriteStream(logPath);
  const tail: string[] = [];
  const keep = (chunk: Buffer): void => {
    log.write(chunk);
    tail.push(...chunk.toString('utf8').split('\n'));
    tail.splice(0, Math.max(0, tail.length - 40));
  };
  const status = await new Promise<number | string>((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? ROOT,
      env: toolEnv(options.env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (err) => resolve(err.message));
    child.on('close', (code, signal) => resolve(code ?? signal ?? 1));
  });
  log.end();
  if (status !== 0) {
    throw new CliError(
      `${name} failed (${status}): ${command} ${args.join(' ')}\n${tail.join('\n')}\nThe whole log: ${logPath}`,
    );
  }
}
