import type { Pool } from 'pg';
import { SILENCE_DETAIL, SILENT_AFTER_MS } from '../agents/heartbeat.ts';
import { WEBHOOK_AGENT_ID } from '../agents/webhook-agent.ts';

/** Silence of an agent longer than this is no news but a node that is gone: its gap ends here. */
const GONE_AFTER_MS = 7 * 24 * 3600 * 1000;

/**
 * Opens a gap for each agent that has not been heard for 15 seconds, and moves the end of those still open.
 * Each run may be the first after a pause of any length: gaps begin at the last heartbeat, not now.
 */
export async function recordSilences(pool: Pool, now: Date): Promise<void> {
  const limits = [new Date(now.getTime() - SILENT_AFTER_MS), new Date(now.getTime() - GONE_AFTER_MS)];
  const silent = await pool.query<{ id: string; clusterId: string; node: string; lastSeenAt: Date }>(
    `SELECT id, cluster_id AS "clusterId", node, last_seen_at AS "lastSeenAt" FROM agent
      WHERE id <> $1 AND last_seen_at < $2 AND last_seen_at >= $3`,
    [WEBHOOK_AGENT_ID, ...limits],
  );
  let opened = 0;
  for (const agent of silent.rows) {
    const found = await pool.query<{ isNew: boolean }>(
      `INSERT INTO gap (cluster_id, source, node, start_at, end_at, cause, detail, agent_id, open)
       VALUES ($1, 'syscall', $2, $3, $4, 'agent_down', $5, $6, true)
       ON CONFLICT (agent_id) WHERE open AND cause = 'agent_down' DO UPDATE SET end_at = EXCLUDED.end_at
       RETURNING xmax = 0 AS "isNew"`,
      [agent.clusterId, agent.node, agent.lastSeenAt, now, SILENCE_DETAIL, agent.id],
    );
    if (found.rows[0]?.isNew === true) opened += 1;
  }
  await pool.query("UPDATE gap SET open = false WHERE open AND cause = 'agent_down' AND start_at < $1", [
    limits[1],
  ]);
  if (opened > 0) await pool.query(`SELECT pg_notify('eyrie', '{"t":"agents"}')`);
}
