import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Agent } from './agent.ts';
import { readConfig } from './config.ts';
import { stderrLog } from './log.ts';

/** Longest orderly stop; what is not sent by then is sent by the next run. */
const STOP_MS_MAX = 5_000;

/**
 * Runs the node agent until SIGTERM or SIGINT.
 * Errors: resolves to 2 for a wrong command line, 1 when it cannot go on, 0 after an orderly stop.
 */
export async function runAgent(argv: readonly string[]): Promise<number> {
  const read = readConfig(argv);
  if (!read.ok) {
    process.stderr.write(`eyrie agent:\n${read.faults.map((fault) => `  ${fault}\n`).join('')}`);
    return 2;
  }
  const log = stderrLog(() => new Date());
  let agent: Agent;
  try {
    mkdirSync(join(read.config.data, 'spool'), { recursive: true, mode: 0o700 });
    agent = new Agent(read.config, log);
    await agent.start();
  } catch (err) {
    log(`cannot start: ${err instanceof Error ? err.message : String(err)}`);
    return 1;
  }
  const code = await new Promise<number>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(0));
    process.on('SIGHUP', () => agent.reloadRules());
    process.on('unhandledRejection', (reason) => agent.fault('unhandled rejection', reason));
    process.once('uncaughtException', (err) => {
      // State may be half changed: stop in order, and let the supervisor start a clean process.
      agent.fault('uncaught exception', err);
      resolve(1);
    });
  });
  log('stopping');
  const deadline = setTimeout(() => process.exit(code), STOP_MS_MAX);
  await agent.stop(STOP_MS_MAX - 1_000);
  clearTimeout(deadline);
  log('stopped');
  return code;
}
