import { runBaselines } from '../baselines/run-baselines.ts';
import { settleCommands } from '../commands/settle.ts';
import { type Runtime, systemContext } from '../runtime.ts';
import { DAYS_AHEAD, dayOf, dropPartitionsBefore, ensurePartitions } from './partitions.ts';
import { retentionDays } from './retention.ts';
import { recordSilences } from './silence.ts';
import { withJobLock } from './with-job-lock.ts';

const DAY_MS = 24 * 3600 * 1000;

type Job = {
  readonly name: string;
  readonly everyMs: number;
  /** Advisory lock key; replicas that find it taken skip the run. */
  readonly lock: number;
  readonly run: (runtime: Runtime) => Promise<void>;
};

const JOBS: readonly Job[] = [
  { name: 'partitions', everyMs: 3_600_000, lock: 72_070_011, run: createAhead },
  { name: 'retention', everyMs: 3_600_000, lock: 72_070_012, run: applyRetention },
  { name: 'silence', everyMs: 5_000, lock: 72_070_013, run: ({ pool }) => recordSilences(pool, new Date()) },
  {
    name: 'commands',
    everyMs: 5_000,
    lock: 72_070_014,
    run: (runtime) => settleCommands(systemContext(runtime, 'commands')),
  },
  {
    name: 'baselines',
    everyMs: 30_000,
    lock: 72_070_015,
    run: (runtime) => runBaselines(systemContext(runtime, 'baselines')),
  },
];

/** Runs the periodic jobs of the store in this process until the runtime shuts down. */
export function startJobs(runtime: Runtime): void {
  for (const job of JOBS) {
    let timer: NodeJS.Timeout | undefined;
    let running: Promise<void> = Promise.resolve();
    let stopped = false;
    const turn = async () => {
      try {
        await withJobLock(runtime.pool, job.lock, () => job.run(runtime));
      } catch (err) {
        runtime.log.warn({ err, job: job.name }, 'a job failed; it runs again at its next turn');
      }
      // The next turn is set after the end of this one: a slow run never overlaps itself.
      if (!stopped) timer = setTimeout(begin, job.everyMs);
    };
    const begin = () => {
      running = turn();
    };
    begin();
    runtime.onShutdown(async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    });
  }
}

async function createAhead({ pool }: Runtime): Promise<void> {
  const today = dayOf(Date.now());
  await ensurePartitions(
    pool,
    Array.from({ length: DAYS_AHEAD + 2 }, (_, index) => today - 1 + index),
  );
}

async function applyRetention({ pool, log }: Runtime): Promise<void> {
  const days = await retentionDays({ pool, now: () => new Date() });
  const limit = new Date(Date.now() - days * DAY_MS);
  const dropped = await dropPartitionsBefore(pool, limit.getTime());
  if (dropped.length > 0) log.info({ dropped }, 'partitions beyond the retention were dropped');
  await pool.query('DELETE FROM event_rollup WHERE minute < $1', [limit]);
  await pool.query('DELETE FROM gap WHERE end_at < $1 AND NOT open', [limit]);
}
