import { z } from 'zod';
import { type AgentList, type AgentRow, type Heartbeat, heartbeatSchema } from '../../core/wire/agents.ts';
import type { Agent } from '../../prisma/generated/client.ts';
import { canarySeenSchema } from '../ingest/canary-row.ts';

/** Intervals after which a canary that nobody saw is silence. */
const INTERVALS_MAX = 2;
/** At the start an alert takes seconds; a minute without one says that it does not come. */
const FIRST_MS = 60_000;

/**
 * What is known of an agent's canary; null for agents that have none. Silent: its first alert is a minute
 * late, or none came for two intervals. The node's clock is corrected by its skew.
 */
export function canaryOf(
  agent: Pick<Agent, 'canary' | 'canarySeen' | 'clockSkewMs'>,
  now: number,
): AgentRow['canary'] {
  const state = stored(agent.canary);
  if (state === null) return null;
  const { everyMs, triggeredAt } = state;
  const triggeredMs = Date.parse(triggeredAt) - agent.clockSkewMs;
  const seen = z.nullable(canarySeenSchema).catch(null).parse(agent.canarySeen);
  const isSilent =
    seen === null ? now - triggeredMs > FIRST_MS : now - seen.seenMs > INTERVALS_MAX * everyMs + FIRST_MS;
  return {
    everyMs,
    triggeredAt,
    seenAt: seen === null ? null : new Date(seen.seenMs).toISOString(),
    latencyMs: seen === null ? null : Math.max(0, seen.seenMs - seen.triggeredMs + agent.clockSkewMs),
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
