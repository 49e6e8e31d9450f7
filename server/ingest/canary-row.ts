import type { PoolClient } from 'pg';
import { z } from 'zod';
import { CANARY_RULE, canaryTriggeredMs } from '../../core/events/canary.ts';
import type { EventRow } from './copy-text.ts';

/** `agent.canary_seen`. Units: milliseconds; the trigger by the node's clock, the rest by the server's. */
export const canarySeenSchema = z.object({ triggeredMs: z.number(), seenMs: z.number() });

const INFORMATIONAL = 6;

/** An agent's canary is stored as the process that it is, without its rule: no list or count has to leave it out. */
export function plainCanary(row: EventRow): EventRow {
  const { rule: _rule, output: _output, tags: _tags, ...item } = row.item;
  return { ...row, item: { ...item, priority: INFORMATIONAL } };
}

/** When a row's canary was triggered; undefined for any other row. */
export function canaryTriggerOf({ item }: EventRow): number | undefined {
  if (item.rule !== CANARY_RULE) return undefined;
  return canaryTriggeredMs(String(item.fields['proc.cmdline'] ?? ''));
}

/** Remembers the last canary of an agent within the transaction that stores it. */
export async function storeCanary(
  client: PoolClient,
  agent: { readonly shard: number; readonly clusterId: string; readonly agentId: string },
  seen: z.infer<typeof canarySeenSchema>,
): Promise<void> {
  await client.query(`UPDATE agent SET canary_seen = $4 WHERE shard = $1 AND cluster_id = $2 AND id = $3`, [
    agent.shard,
    agent.clusterId,
    agent.agentId,
    JSON.stringify(seen),
  ]);
}
