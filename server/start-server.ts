import { startActionRecovery } from './actions/recover.ts';
import { readConfig } from './config.ts';
import { startCorrelation } from './correlate/start-correlation.ts';
import { startJobs } from './jobs/start-jobs.ts';
import { createLog } from './log.ts';
import { getRuntime, type Runtime } from './runtime.ts';

const RETRY_MS = 2_000;

/**
 * Starts what runs beside requests in this process, and ends it in order on SIGTERM and SIGINT. While the
 * database is not there requests answer 503, and the start is tried again.
 * Errors: an unusable environment, which ends the process.
 */
export async function startServer(): Promise<void> {
  const { logLevel } = readConfig();
  try {
    begin(await getRuntime());
  } catch (err) {
    createLog(logLevel).error({ err }, 'the start failed; it is tried again');
    setTimeout(() => void startServer(), RETRY_MS);
  }
}

function begin(runtime: Runtime): void {
  startJobs(runtime);
  startCorrelation(runtime);
  startActionRecovery(runtime);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      runtime.log.info({ signal }, 'shutting down');
      void runtime.shutdown();
    });
  }
}
