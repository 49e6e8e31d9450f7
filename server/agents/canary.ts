import { z } from 'zod';
import { CANARY_RULE, canaryTriggeredMs } from '../../core/events/canary.ts';
import { type AgentList, type AgentRow, type Heartbeat, heartbeatSchema } from '../../core/wire/agents.ts';
import type { Agent } from '../../prisma/generated/client.ts';
import type { Ctx } from '../context.ts';

/** The longest interval whose silence can be told. */
const LOOK_BACK_MS = 26 * 3_600_000;
/** Intervals after which a canary that nobody saw is silence. */
const INTERVALS_MAX = 2;
/** At the start an alert takes seconds; a minute without one says that it does not come. */
const FIRST_MS = 60_000;

export type Seen = { readonly seenAt: Date; readonly triggeredMs: number; readonly latencyMs: number };

/** The last stored canary of each agent, with the time from its trigger until it was stored. */
export async function lastCanaries(ctx: Ctx): Promise<ReadonlyMap<string, Seen>> {
  const found = await ctx.pool.query<{ agentId: string; receivedAt: Date; cmdline: string | null }>(
    `SELECT DISTINCT ON (agent_id) agent_id AS "agentId", received_at AS "receivedAt",
            fields->>'proc.cmdline' AS cmdline
       FROM event WHERE cluster_id = $1 AND rule = $2 AND rule IS NOT NULL AND time >= $3
      ORDER BY agent_id, time DESC`,
    [ctx.config.clusterId, CANARY_RULE, new Date(ctx.now().getTime() - LOOK_BACK_MS)],
  );
  return new Map(
    found.rows.flatMap(({ agentId, receivedAt, cmdline }) => {
      const triggeredMs = canaryTriggeredMs(cmdline ?? '');
      if (triggeredMs === undefined) return [];
      return [[agentId, { seenAt: receivedAt, triggeredMs, latencyMs: receivedAt.getTime() - triggeredMs }]];
    }),
  );
}

/**
 * What is known of an agent's canary; null for agents that have none. Silent: its first alert is a minute
 * late, or none came for two intervals. The node's clock is corrected by its skew.
 */
export function canaryOf(
  agent: Pick<Agent, 'canary' | 'clockSkewMs'>,
  seen: Seen | undefined,
  now: number,
): AgentRow['canary'] {
  const state = stored(agent.canary);
  if (state === null) return null;
  const { everyMs, triggeredAt } = state;
  const triggeredMs = Date.parse(triggeredAt) - agent.clockSkewMs;
  const seenMs = seen?.seenAt.getTime();
  const isSilent =
    seenMs === undefined ? now - triggeredMs > FIRST_MS : now - seenMs > INTERVALS_MAX * everyMs + FIRST_MS;
  return {
    everyMs,
    triggeredAt,
    seenAt: seen?.seenAt.toISOString() ?? null,
    latencyMs: seen === undefined ? null : Math.max(0, seen.latencyMs + agent.clockSkewMs),
    isSilent,
  };
}

/** Nodes from which nothing arrives although their agents report: a blind spot like a source without reader. */
export function silentCanaries(agents: readonly AgentRow[]): AgentList['blind'] {
  const silent = agents.filter(({ state, canary }) => state !== 'silent' && canary?.isSilent);
  const [first] = silent;
  if (first?.canary == null) return [];
  const others = silent.length > 1 ? ` and ${silent.length - 1} more` : '';
  const last =
    first.canary.seenAt === null
      ? 'None was ever stored'
      : `The last one was stored at ${first.canary.seenAt.slice(0, 19)}Z`;
  return [
    {
      source: 'canary',
      why: `The marked trigger on ${first.node}${others} is not detected and stored. ${last}.`,
      fix: 'Look at the agent under Agents: its rules must hold “Eyrie canary”, its sensor must run and its spool must empty.',
    },
  ];
}

function stored(value: unknown): NonNullable<Heartbeat['canary']> | null {
  return z.nullable(heartbeatSchema.shape.canary.unwrap()).catch(null).parse(value);
}
