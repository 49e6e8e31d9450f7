import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { Ctx } from '../context.ts';

/** Bucket of an agent: the same for life, on every replica. Source: docs/store.md, rule 1. */
export function shardOf(agentId: string, buckets: number): number {
  return createHash('sha256').update(agentId.toLowerCase()).digest().readUInt32BE(0) % buckets;
}

/**
 * Makes sure that the agent has its rows, and returns its shard. An agent keeps the shard and cluster it
 * was first given, whatever the settings say later.
 */
export async function enrolAgent(
  ctx: Pick<Ctx, 'pool' | 'config' | 'now'>,
  agent: { readonly id: string; readonly node: string },
): Promise<{ readonly shard: number; readonly clusterId: string }> {
  const known = await findAgent(ctx.pool, agent.id);
  if (known !== undefined) return known;
  const client = await ctx.pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(
      'INSERT INTO agent_directory (id, shard, cluster_id) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING',
      [agent.id, shardOf(agent.id, ctx.config.shardBuckets), ctx.config.clusterId],
    );
    // The row may be another replica's, with its place.
    const place = await findAgent(client, agent.id);
    if (place === undefined) throw new Error(`agent ${agent.id} vanished from the directory`);
    await client.query(
      `INSERT INTO agent (shard, cluster_id, id, node, started_at, enrolled_at, last_seen_at)
       VALUES ($1, $2, $3, $4, $5, $5, $5) ON CONFLICT (shard, cluster_id, id) DO NOTHING`,
      [place.shard, place.clusterId, agent.id, agent.node, ctx.now()],
    );
    await client.query('COMMIT');
    return place;
  } catch (err) {
    await client.query('ROLLBACK').catch(() => {});
    throw err;
  } finally {
    client.release();
  }
}

async function findAgent(queryable: Pick<Pool, 'query'>, id: string) {
  const found = await queryable.query<{ shard: number; clusterId: string }>(
    'SELECT shard, cluster_id AS "clusterId" FROM agent_directory WHERE id = $1',
    [id],
  );
  return found.rows[0];
}
