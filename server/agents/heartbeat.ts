import type { Heartbeat, HeartbeatReply } from '../../core/wire/agents.ts';
import { requireActor } from '../auth/require-role.ts';
import { hasCommands } from '../commands/deliver.ts';
import type { Ctx } from '../context.ts';
import { asUnavailable } from '../db/unavailable.ts';
import { serverRuleset } from '../rulesets/server-ruleset.ts';
import { activityLevel } from './activity-level.ts';
import { enrolAgent } from './enrol.ts';

/** An agent that is heard again after this long had been silent; the jobs record the gap. */
export const SILENT_AFTER_MS = 15_000;

type Before = {
  lastSeenAt: Date;
  startedAt: Date;
  counters: Record<string, number>;
  epoch: string;
  ackedSeq: string;
  priorEpochs: Record<string, number>;
  version: string;
};

/**
 * Takes an agent's state and answers what it should do: the position of its stream, the activity level, and
 * the rules when the server has others. The first heartbeat enrols the agent.
 */
export async function heartbeat({ ctx, input }: { ctx: Ctx; input: Heartbeat }): Promise<HeartbeatReply> {
  requireActor(ctx, 'agent');
  try {
    const place = await enrolAgent(ctx, { id: input.agentId, node: input.node });
    const before = await remember(ctx, place, input);
    await announce(ctx, place.clusterId, input, before);
    const rules = await serverRuleset(ctx);
    const refusedAlready = input.ruleset.refused?.version === rules.version;
    const send = rules.version !== input.ruleset.version && !refusedAlready;
    return {
      serverTime: ctx.now().toISOString(),
      clusterId: place.clusterId,
      ackedSeq:
        Number(before.epoch) === input.epoch
          ? Number(before.ackedSeq)
          : (before.priorEpochs[String(input.epoch)] ?? 0),
      activity: await activityLevel(ctx),
      ...(send ? { ruleset: { version: rules.version, files: [...rules.files] } } : {}),
      commands: await hasCommands(ctx, input.agentId),
    };
  } catch (err) {
    throw asUnavailable(err);
  }
}

/** Writes the new state; returns the one before. Only this verb writes these columns. */
async function remember(
  ctx: Ctx,
  place: { shard: number; clusterId: string },
  input: Heartbeat,
): Promise<Before> {
  const key = [place.shard, place.clusterId, input.agentId];
  const found = await ctx.pool.query<Before>({
    name: 'agent-before',
    text: `SELECT last_seen_at AS "lastSeenAt", started_at AS "startedAt", counters, epoch, version,
                  acked_seq AS "ackedSeq", prior_epochs AS "priorEpochs"
             FROM agent WHERE shard = $1 AND cluster_id = $2 AND id = $3`,
    values: key,
  });
  const before = found.rows[0];
  if (before === undefined) throw new Error(`agent ${input.agentId} is in the directory but has no row`);
  const skewMs = new Date(input.now).getTime() - ctx.now().getTime();
  await ctx.pool.query({
    name: 'agent-heartbeat',
    text: `UPDATE agent SET node = $4, version = $5, kernel = $6, started_at = $7, last_seen_at = $8,
                  clock_skew_ms = $9, preflight = $10, counters = $11, counters_delta = $12, spool = $13,
                  resident_bytes = $14, cpu_fraction = $15, ruleset_version = $16, ruleset_refused = $17,
                  commands = $18, canary = $19
            WHERE shard = $1 AND cluster_id = $2 AND id = $3`,
    values: [
      ...key,
      input.node,
      input.version,
      input.kernel ?? null,
      input.startedAt,
      ctx.now(),
      Math.trunc(Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, skewMs))),
      JSON.stringify(input.preflight),
      JSON.stringify(input.counters),
      JSON.stringify(delta(before, input)),
      JSON.stringify(input.spool),
      input.residentBytes === undefined ? null : Math.round(input.residentBytes),
      input.cpuFraction ?? null,
      input.ruleset.version,
      input.ruleset.refused === undefined ? null : JSON.stringify(input.ruleset.refused),
      JSON.stringify(input.commands ?? []),
      input.canary === undefined ? null : JSON.stringify(input.canary),
    ],
  });
  return before;
}

/** Counters begin at zero with each start of the agent. */
function delta(before: Before, input: Heartbeat): Record<string, number> {
  const sameRun = before.startedAt.getTime() === new Date(input.startedAt).getTime();
  return Object.fromEntries(
    Object.entries(input.counters).map(([name, value]) => [
      name,
      sameRun ? Math.max(0, value - (before.counters[name] ?? 0)) : value,
    ]),
  );
}

/** Ends an open silence, and tells browsers when what they show of the agent has changed. */
async function announce(ctx: Ctx, clusterId: string, input: Heartbeat, before: Before): Promise<void> {
  const silentMs = ctx.now().getTime() - before.lastSeenAt.getTime();
  const isNew = before.version === '';
  if (!isNew && silentMs < SILENT_AFTER_MS && before.version === input.version) return;
  await ctx.pool.query(
    `UPDATE gap SET open = false, end_at = greatest(start_at, $3)
      WHERE cluster_id = $1 AND agent_id = $2 AND cause = 'agent_down' AND open`,
    [clusterId, input.agentId, ctx.now()],
  );
  if (!isNew && silentMs >= SILENT_AFTER_MS) await recordShortSilence(ctx, clusterId, input, before);
  await ctx.pool.query(`SELECT pg_notify('eyrie', '{"t":"agents"}')`);
}

/** A silence that began and ended between two runs of the job, or while no server ran, is recorded here. */
async function recordShortSilence(
  ctx: Ctx,
  clusterId: string,
  input: Heartbeat,
  before: Before,
): Promise<void> {
  await ctx.pool.query(
    `INSERT INTO gap (cluster_id, source, node, start_at, end_at, cause, detail, agent_id)
     SELECT $1, 'syscall', $2, $3::timestamptz, $4::timestamptz, 'agent_down', $5, $6::uuid
      WHERE NOT EXISTS (SELECT 1 FROM gap WHERE agent_id = $6 AND cause = 'agent_down' AND start_at = $3)`,
    [clusterId, input.node, before.lastSeenAt, ctx.now(), SILENCE_DETAIL, input.agentId],
  );
}

/** What a silence means: the agent may have gone on watching and spooling. */
export const SILENCE_DETAIL = 'No heartbeat. What the agent spooled meanwhile is added when it returns.';
