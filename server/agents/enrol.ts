import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { requireActor } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';

type Place = { readonly shard: number; readonly clusterId: string; readonly secretHash: string | null };

/** Bucket of an agent: the same for life, on every replica. Source: docs/store.md, rule 1. */
export function shardOf(agentId: string, buckets: number): number {
  return createHash('sha256').update(agentId.toLowerCase()).digest().readUInt32BE(0) % buckets;
}

/**
 * Makes sure that the agent has its rows, and returns its shard. An agent keeps the shard and cluster it
 * was first given, whatever the settings say later, and the first secret that it shows.
 * Errors: forbidden `agent_secret` for whoever speaks in the name of another agent.
 */
export async function enrolAgent(
  ctx: Pick<Ctx, 'actor' | 'pool' | 'config' | 'now'>,
  agent: { readonly id: string; readonly node: string },
): Promise<{ readonly shard: number; readonly clusterId: string }> {
  const place = (await findAgent(ctx.pool, agent.id)) ?? (await makeRows(ctx, agent));
  await holdToSecret(ctx, agent.id, place.secretHash);
  return place;
}

/** Refuses everybody but the agent itself: also one that has shown no secret yet. Errors: forbidden `agent_secret`. */
export async function requireAgent(ctx: Pick<Ctx, 'actor' | 'pool'>, agentId: string): Promise<void> {
  const { secretHash } = requireActor(ctx, 'agent');
  const known = await findAgent(ctx.pool, agentId);
  if (secretHash === undefined || known?.secretHash !== secretHash) throw foreign(agentId);
}

async function holdToSecret(
  ctx: Pick<Ctx, 'actor' | 'pool'>,
  id: string,
  stored: string | null,
): Promise<void> {
  if (ctx.actor.kind !== 'agent') return;
  const shown = ctx.actor.secretHash ?? null;
  if (stored === shown) return;
  if (stored !== null) throw foreign(id);
  const bound = await ctx.pool.query<{ hash: string }>(
    'UPDATE agent_directory SET secret_hash = coalesce(secret_hash, $2) WHERE id = $1 RETURNING secret_hash AS hash',
    [id, shown],
  );
  if (bound.rows[0]?.hash !== shown) throw foreign(id);
}

function foreign(agentId: string): AppError {
  return new AppError(
    'forbidden',
    `Agent ${agentId} has another secret. An agent that lost its own must lose its id too: remove identity.json from its data directory and start it again.`,
    { reason: 'agent_secret' },
  );
}

async function makeRows(
  ctx: Pick<Ctx, 'pool' | 'config' | 'now'>,
  agent: { readonly id: string; readonly node: string },
): Promise<Place> {
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
  const found = await queryable.query<Place>(
    'SELECT shard, cluster_id AS "clusterId", secret_hash AS "secretHash" FROM agent_directory WHERE id = $1',
    [id],
  );
  return found.rows[0];
}
