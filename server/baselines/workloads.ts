import type { PoolClient } from 'pg';
import { type Observed, workloadKey } from './observe.ts';
import type { Rate } from './robust.ts';

/** A workload's row; `told` and `untold` count the anomalies of `hour`. */
export type Workload = Rate & {
  readonly id: string;
  readonly namespace: string;
  readonly workload: string;
  readonly firstAt: Date;
  readonly hour: Date | null;
  readonly told: number;
  readonly untold: number;
  readonly untoldAt: Date | null;
  readonly untoldId: string | null;
};

const HOUR_MS = 3_600_000;
/** Younger baselines are learning: nothing is an anomaly yet. */
export const LEARNING_MS = 24 * HOUR_MS;
/** More workloads than this in a cluster means runaway names; later ones get no baseline. */
const WORKLOADS_MAX = 20_000;
const COLUMNS = `id, namespace, workload, first_at AS "firstAt", minutes, median, mad, hour, told, untold,
  untold_at AS "untoldAt", untold_id AS "untoldId"`;

/** Takes down when workloads were seen, and returns their rows by `workloadKey`. */
export async function recordWorkloads(
  client: PoolClient,
  clusterId: string,
  observed: readonly Observed[],
): Promise<ReadonlyMap<string, Workload>> {
  const found = await client.query<Workload>(
    `INSERT INTO baseline_workload (cluster_id, namespace, workload, first_at, last_at)
     SELECT $1, k.namespace, k.workload, k.first_at, k.last_at
       FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
         AS k(namespace, workload, first_at, last_at)
      WHERE (SELECT count(*) FROM baseline_workload WHERE cluster_id = $1) < ${WORKLOADS_MAX}
         OR EXISTS (SELECT 1 FROM baseline_workload b
                     WHERE b.cluster_id = $1 AND b.namespace = k.namespace AND b.workload = k.workload)
     ON CONFLICT (cluster_id, namespace, workload) DO UPDATE
       SET first_at = least(baseline_workload.first_at, EXCLUDED.first_at),
           last_at = greatest(baseline_workload.last_at, EXCLUDED.last_at)
     RETURNING ${COLUMNS}`,
    [
      clusterId,
      observed.map(({ namespace }) => namespace),
      observed.map(({ workload }) => workload),
      observed.map(({ firstMs }) => new Date(firstMs)),
      observed.map(({ lastMs }) => new Date(lastMs)),
    ],
  );
  return new Map(found.rows.map((row) => [workloadKey(row), row]));
}

/** Workloads of which an hour that is over has anomalies that were only counted; the counts begin anew. */
export async function takeUntold(
  client: PoolClient,
  clusterId: string,
  now: Date,
): Promise<readonly Workload[]> {
  const found = await client.query<Workload>(
    `SELECT ${COLUMNS} FROM baseline_workload WHERE cluster_id = $1 AND untold > 0 AND hour < $2 ORDER BY id`,
    [clusterId, hourOf(now)],
  );
  const ids = found.rows.map(({ id }) => id);
  await client.query('UPDATE baseline_workload SET untold = 0, told = 0 WHERE id = ANY($1::bigint[])', [ids]);
  return found.rows;
}

/** Writes what the limit of an hour needs to know. */
export async function recordTold(
  client: PoolClient,
  counts: readonly Pick<Workload, 'id' | 'hour' | 'told' | 'untold' | 'untoldAt' | 'untoldId'>[],
): Promise<void> {
  if (counts.length === 0) return;
  await client.query(
    `UPDATE baseline_workload b
        SET hour = k.hour, told = k.told, untold = k.untold, untold_at = k.untold_at, untold_id = k.untold_id
       FROM unnest($1::bigint[], $2::timestamptz[], $3::int[], $4::int[], $5::timestamptz[], $6::uuid[])
         AS k(id, hour, told, untold, untold_at, untold_id)
      WHERE b.id = k.id`,
    [
      counts.map(({ id }) => id),
      counts.map(({ hour }) => hour),
      counts.map(({ told }) => told),
      counts.map(({ untold }) => untold),
      counts.map(({ untoldAt }) => untoldAt),
      counts.map(({ untoldId }) => untoldId),
    ],
  );
}

export function hourOf(time: Date): Date {
  return new Date(Math.floor(time.getTime() / HOUR_MS) * HOUR_MS);
}
