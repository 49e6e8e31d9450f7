import type { PoolClient } from 'pg';
import { KEEP_DAYS } from './anomaly.ts';

/**
 * Removes workloads and destinations that were not seen for as long as events are kept by default. It is
 * this long because an agent may store only the first connection of a process to a peer.
 */
export async function forget(client: PoolClient, clusterId: string, now: Date): Promise<void> {
  const limit = new Date(now.getTime() - KEEP_DAYS * 24 * 3600_000);
  await client.query('DELETE FROM baseline_workload WHERE cluster_id = $1 AND last_at < $2', [
    clusterId,
    limit,
  ]);
  await client.query(
    `DELETE FROM baseline_destination d USING baseline_workload w
      WHERE w.cluster_id = $1 AND d.workload_id = w.id AND d.last_at < $2`,
    [clusterId, limit],
  );
}
