import type { PoolClient } from 'pg';
import type { KpiKey } from '../../core/wire/overview.ts';
import { KPIS } from './definitions.ts';

export type KpiScope = {
  readonly clusterId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly ns: readonly string[];
};
export type BinCount = {
  readonly key: KpiKey;
  readonly bin: number;
  readonly n: number;
  readonly priority: number;
};

/** `metric` and the other conditions of each definition, as one CASE: a row of the rollup is in one KPI at most. */
const KEY_SQL = `CASE ${KPIS.map(({ key, metrics, source, alertsOnly }) => {
  const conditions = [`metric IN (${metrics.map((metric) => `'${metric}'`).join(', ')})`];
  if (source !== undefined) conditions.push(`source = '${source}'`);
  if (alertsOnly) conditions.push(`rule <> ''`);
  return `WHEN ${conditions.join(' AND ')} THEN '${key}'`;
}).join(' ')} END`;

const METRICS = [...new Set(KPIS.flatMap(({ metrics }) => metrics))];

/** Counts of all KPIs per bin of `stepMs`, bin 0 beginning at `fromMs`; empty bins are absent. */
export async function readBins(
  client: PoolClient,
  scope: KpiScope,
  stepMs: number,
): Promise<readonly BinCount[]> {
  const found = await client.query<{ key: KpiKey; bin: number; n: string; priority: number }>({
    name: 'kpi-bins',
    text: `SELECT key, bin, sum(count) AS n, min(priority) AS priority
             FROM (SELECT ${KEY_SQL} AS key, count, priority,
                          floor((extract(epoch FROM minute) * 1000 - $4) / $5)::int AS bin
                     FROM event_rollup
                    WHERE cluster_id = $1 AND metric = ANY($6) AND minute >= $2 AND minute < $3
                      AND (cardinality($7::text[]) = 0 OR namespace = ANY($7)) AND count > 0) AS counted
            WHERE key IS NOT NULL GROUP BY key, bin`,
    values: [
      scope.clusterId,
      new Date(scope.fromMs),
      new Date(scope.toMs),
      scope.fromMs,
      stepMs,
      METRICS,
      scope.ns,
    ],
  });
  return found.rows.map((row) => ({ ...row, n: Number(row.n) }));
}

/** Number of stored audit requests: the denominator of the auth failure rate. */
export async function readAuditRequests(client: PoolClient, scope: KpiScope): Promise<number> {
  const found = await client.query<{ n: string | null }>({
    name: 'kpi-requests',
    text: `SELECT sum(count) AS n FROM event_rollup
            WHERE cluster_id = $1 AND metric = 'event' AND source = 'k8s_audit' AND minute >= $2 AND minute < $3
              AND (cardinality($4::text[]) = 0 OR namespace = ANY($4))`,
    values: [scope.clusterId, new Date(scope.fromMs), new Date(scope.toMs), scope.ns],
  });
  return Number(found.rows[0]?.n ?? 0);
}

/** First minute of which anything is counted; undefined while nothing is. */
export async function readFirstMinute(client: PoolClient, clusterId: string): Promise<number | undefined> {
  const found = await client.query<{ first: Date | null }>({
    name: 'kpi-first',
    text: `SELECT minute AS first FROM event_rollup WHERE cluster_id = $1 AND metric = 'event'
            ORDER BY minute LIMIT 1`,
    values: [clusterId],
  });
  return found.rows[0]?.first?.getTime();
}
