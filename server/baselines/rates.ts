import type { PoolClient } from 'pg';
import { MINUTE_MS, workloadKey } from './observe.ts';
import { rateOf, SPIKE_MIN } from './robust.ts';

const HISTORY_MS = 7 * 24 * 3600_000;
/** Inbound and outbound connections of a workload, as the minute counts have them. */
const COUNTED = `cluster_id = $1 AND metric = 'connection' AND source = 'syscall' AND workload <> ''`;

/**
 * Computes anew what is normal for every workload: over 7 days, of the minutes in which it connected at all.
 * Quiet minutes are left out, or every burst of a workload that rests most of the time would be a spike.
 */
export async function refreshRates(client: PoolClient, clusterId: string, now: Date): Promise<void> {
  const found = await client.query<{ namespace: string; workload: string; n: number; times: number }>(
    `SELECT namespace, workload, n, count(*)::int AS times
       FROM (SELECT namespace, workload, minute, sum(count)::float8 AS n FROM event_rollup
              WHERE ${COUNTED} AND minute >= $2 AND minute < $3 GROUP BY 1, 2, 3) AS minutes
      WHERE n > 0 GROUP BY 1, 2, 3`,
    [clusterId, new Date(now.getTime() - HISTORY_MS), now],
  );
  const histograms = new Map<string, { namespace: string; workload: string; counts: Map<number, number> }>();
  for (const { namespace, workload, n, times } of found.rows) {
    const key = workloadKey({ namespace, workload });
    const mine = histograms.get(key) ?? { namespace, workload, counts: new Map<number, number>() };
    histograms.set(key, mine);
    mine.counts.set(n, times);
  }
  const rows = [...histograms.values()].map(({ counts, ...names }) => ({ ...names, ...rateOf(counts) }));
  await client.query(
    `UPDATE baseline_workload b SET minutes = k.minutes, median = k.median, mad = k.mad
       FROM unnest($2::text[], $3::text[], $4::int[], $5::float8[], $6::float8[])
         AS k(namespace, workload, minutes, median, mad)
      WHERE b.cluster_id = $1 AND b.namespace = k.namespace AND b.workload = k.workload`,
    [
      clusterId,
      rows.map(({ namespace }) => namespace),
      rows.map(({ workload }) => workload),
      rows.map(({ minutes }) => minutes),
      rows.map(({ median }) => median),
      rows.map(({ mad }) => mad),
    ],
  );
}

/**
 * Connections of the workloads in these minutes and in those before them, where there were enough for a
 * spike; key is `workloadKey minute`.
 */
export async function readBusyMinutes(
  client: PoolClient,
  clusterId: string,
  minutes: Iterable<number>,
): Promise<ReadonlyMap<string, number>> {
  const wanted = [...new Set([...minutes].flatMap((minute) => [minute - 1, minute]))];
  if (wanted.length === 0) return new Map();
  const found = await client.query<{ namespace: string; workload: string; minute: number; n: number }>(
    `SELECT namespace, workload, (extract(epoch FROM minute) / 60)::int AS minute, sum(count)::float8 AS n
       FROM event_rollup WHERE ${COUNTED} AND minute = ANY($2::timestamptz[])
      GROUP BY 1, 2, 3 HAVING sum(count) >= ${SPIKE_MIN}`,
    [clusterId, wanted.map((minute) => new Date(minute * MINUTE_MS))],
  );
  return new Map(found.rows.map((row) => [`${workloadKey(row)} ${row.minute}`, row.n]));
}
