import { z } from 'zod';
import { type AgentList, type AgentRow, agentRowSchema } from '../../core/wire/agents.ts';
import type { Agent } from '../../prisma/generated/client.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { serverRuleset } from '../rulesets/server-ruleset.ts';
import { blindSources } from './blind-sources.ts';
import { canaryOf, silentCanaries } from './canary.ts';
import { SILENT_AFTER_MS } from './heartbeat.ts';
import { WEBHOOK_AGENT_ID } from './webhook-agent.ts';

/** More agents than this are beyond one cluster's nodes (5,000 is Kubernetes' own limit). */
const AGENTS_MAX = 5_000;
/** Counters that mean lost sight when they grow. */
const LOSS = /dropped|undecodable|oversized|rejected|lost/;
/** What an event of the kernel passes on its way to the store. */
const SENSOR_PATH: ReadonlySet<string> = new Set(['syscall', 'delivery']);

const shape = agentRowSchema.shape;
const counterSchema = z.record(z.string(), z.number());

/** All agents with their state, and the sources that nobody watches. */
export async function listAgents({ ctx }: { ctx: Ctx }): Promise<AgentList> {
  requireRole(ctx, 'viewer');
  const found = await ctx.db.agent.findMany({
    where: { id: { not: WEBHOOK_AGENT_ID } },
    orderBy: [{ node: 'asc' }, { id: 'asc' }],
    take: AGENTS_MAX,
  });
  const now = ctx.now().getTime();
  const agents = found.map((agent) => toRow(agent, now));
  const { version } = await serverRuleset(ctx);
  return {
    agents,
    rulesetVersion: version,
    blind: [...(await blindSources(ctx, agents)), ...silentCanaries(agents)],
  };
}

/** Silent without a heartbeat for 15 s; degraded when something is blind, refused or losing sight now. */
export function agentState(agent: Agent, now: number): AgentRow['state'] {
  return stateBy(agent, now, () => true);
}

/** The same for what the kernel's sensor sees alone: a node without log files is none the worse for it. */
export function sensorState(agent: Agent, now: number): AgentRow['state'] {
  return stateBy(agent, now, (name) => SENSOR_PATH.has(name));
}

function stateBy(agent: Agent, now: number, counts: (name: string) => boolean): AgentRow['state'] {
  if (now - agent.lastSeenAt.getTime() >= SILENT_AFTER_MS) return 'silent';
  const preflight = shape.preflight
    .catch([])
    .parse(agent.preflight)
    .filter(({ name }) => counts(name));
  const delta = counterSchema.catch({}).parse(agent.countersDelta);
  const refused = shape.rulesetRefused.catch(null).parse(agent.rulesetRefused);
  const isLosing = Object.entries(delta).some(([name, value]) => LOSS.test(name) && value > 0);
  const isBlind = preflight.some(({ state }) => state === 'blind' || state === 'degraded');
  return isLosing || isBlind || refused !== null ? 'degraded' : 'healthy';
}

function toRow(agent: Agent, now: number): AgentRow {
  const preflight = shape.preflight.catch([]).parse(agent.preflight);
  const spool = shape.spool.catch({ bytes: 0, bytesMax: 0, lastSeq: 0, ackedSeq: 0 }).parse(agent.spool);
  const canary = canaryOf(agent, now);
  const state = agentState(agent, now);
  return {
    id: agent.id,
    node: agent.node,
    version: agent.version,
    kernel: agent.kernel,
    state: state === 'healthy' && canary?.isSilent ? 'degraded' : state,
    lastSeenAt: agent.lastSeenAt.toISOString(),
    startedAt: agent.startedAt.toISOString(),
    clockSkewMs: agent.clockSkewMs,
    lagMs: lag(agent, spool, now),
    preflight,
    counters: counterSchema.catch({}).parse(agent.counters),
    spool,
    residentBytes: agent.residentBytes === null ? null : Number(agent.residentBytes),
    cpuFraction: agent.cpuFraction,
    rulesetVersion: agent.rulesetVersion,
    rulesetRefused: shape.rulesetRefused.catch(null).parse(agent.rulesetRefused),
    commands: shape.commands.catch([]).parse(agent.commands),
    canary,
  };
}

/** How far what is stored lies behind the node: nothing while the spool is empty. */
function lag(agent: Agent, spool: AgentRow['spool'], now: number): number | null {
  if (spool.lastSeq <= Number(agent.ackedSeq)) return 0;
  return agent.lastEventAt === null ? null : Math.max(0, now - agent.lastEventAt.getTime());
}
