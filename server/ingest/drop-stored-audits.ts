import type { PoolClient } from 'pg';
import type { EventRow } from './copy-text.ts';

/** Advisory lock class of audit streams; the second key is the cluster. */
const AUDIT_LOCK = 72_070_002;

/**
 * Leaves out audit events that another path (log file, webhook, second API server log) has stored already,
 * and repeats within the batch. The lock makes audit batches of one cluster take turns until commit: two
 * paths that bring the same event at the same moment cannot both find it missing.
 */
export async function dropStoredAudits(
  client: PoolClient,
  input: { readonly clusterId: string; readonly rows: readonly EventRow[] },
): Promise<readonly EventRow[]> {
  const audits = input.rows.filter(({ item }) => item.source === 'k8s_audit');
  if (audits.length === 0) return input.rows;
  await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [AUDIT_LOCK, input.clusterId]);
  const times = audits.map(({ timeMs }) => timeMs);
  const found = await client.query<{ id: string; ms: string; type: string }>({
    name: 'audit-dedupe',
    // Ids are hashes of (auditID, stage), but clients may choose the audit id of their requests: a repeat
    // also has the time and the verb.
    text: `SELECT e.id, e.type, floor(extract(epoch FROM e.time) * 1000)::bigint AS ms FROM unnest($2::uuid[], $3::timestamptz[]) AS k(id, time)
             JOIN event e ON e.time >= k.time AND e.time < k.time + interval '1 millisecond' AND e.id = k.id
            WHERE e.cluster_id = $1 AND e.time >= $4 AND e.time < $5`,
    values: [
      input.clusterId,
      audits.map(({ id }) => id),
      times.map((time) => new Date(time)),
      new Date(times.reduce((a, b) => Math.min(a, b))),
      new Date(times.reduce((a, b) => Math.max(a, b)) + 1),
    ],
  });
  const seen = new Set(found.rows.map(({ id, ms, type }) => `${id} ${ms} ${type}`));
  return input.rows.filter(({ id, item, timeMs }) => {
    if (item.source !== 'k8s_audit') return true;
    const key = `${id} ${timeMs} ${item.type}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
