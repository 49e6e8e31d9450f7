import type { PoolClient } from 'pg';
import { LEARNING_MS } from './workloads.ts';

/** How many workloads have a baseline, and how many of them are too young for one to be held against. */
export async function readLearning(
  client: PoolClient,
  input: { readonly clusterId: string; readonly ns: readonly string[]; readonly nowMs: number },
): Promise<{ readonly learning: number; readonly workloads: number }> {
  const found = await client.query<{ learning: number; workloads: number }>({
    name: 'kpi-learning',
    text: `SELECT count(*) FILTER (WHERE first_at > $3)::int AS learning, count(*)::int AS workloads
             FROM baseline_workload
            WHERE cluster_id = $1 AND (cardinality($2::text[]) = 0 OR namespace = ANY($2))`,
    values: [input.clusterId, input.ns, new Date(input.nowMs - LEARNING_MS)],
  });
  return found.rows[0] ?? { learning: 0, workloads: 0 };
}
