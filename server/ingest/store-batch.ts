import type { PoolClient } from 'pg';
import type { Ctx } from '../context.ts';
import { asUnavailable, sqlState } from '../db/unavailable.ts';
import { applyFill, type FillItem } from './apply-fill.ts';
import { storeCanary } from './canary-row.ts';
import { copyRows } from './copy-rows.ts';
import type { EventRow } from './copy-text.ts';
import { dropStoredAudits } from './drop-stored-audits.ts';
import { type NewGap, storeGaps } from './gap-rows.ts';
import { knownPartitions } from './known-partitions.ts';
import type { Rejection } from './parse-batch.ts';
import { RollupDelta } from './rollup.ts';

/** A batch that passed validation; everything in it belongs to one stream. */
export type Batch = {
  readonly shard: number;
  readonly clusterId: string;
  readonly agentId: string;
  readonly epoch: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Up to here the agent reports its losses itself. */
  readonly droppedThrough: number;
  readonly rows: readonly EventRow[];
  readonly gaps: readonly NewGap[];
  readonly fills: readonly { readonly seq: number; readonly item: FillItem }[];
  readonly rejected: readonly Rejection[];
  readonly canaries?: readonly { readonly seq: number; readonly triggeredMs: number }[];
  /** The sender has no numbers of its own: they continue the stream here, and ids alone tell repeats. */
  readonly assignSeq?: boolean;
};

export type Stored = {
  readonly ackedSeq: number;
  readonly accepted: number;
  readonly duplicate: number;
  readonly rejected: readonly Rejection[];
  /** The events that were stored now, for counters. */
  readonly rows: readonly EventRow[];
};

type AgentState = {
  epoch: string;
  ackedSeq: string;
  priorEpochs: Record<string, number>;
  lastEventAt: Date | null;
};

/** Streams before the current one that are remembered, so that a late resend of theirs changes nothing. */
const PRIOR_EPOCHS_MAX = 16;

/**
 * Stores a batch in one transaction: lock the agent, drop what it has, COPY the rest, gaps, fills, position,
 * rollups, NOTIFY. A resend changes nothing; after a crash either all of it is there or nothing.
 * Errors: unavailable when the database cannot take it now (nothing is acknowledged then).
 */
export async function storeBatch(ctx: Pick<Ctx, 'pool' | 'now'>, batch: Batch): Promise<Stored> {
  const partitions = knownPartitions(ctx.pool);
  try {
    await partitions.ensure(batch.rows);
    try {
      return await inTransaction(ctx, (client) => store(client, batch, ctx.now()));
    } catch (err) {
      // Retention has dropped a partition that this process still knew; 23514 = no partition for the row.
      if (sqlState(err) !== '23514') throw err;
      partitions.forget();
      await partitions.ensure(batch.rows);
      return await inTransaction(ctx, (client) => store(client, batch, ctx.now()));
    }
  } catch (err) {
    throw asUnavailable(err);
  }
}

/** Runs work on one connection; all of it is committed, or nothing. */
export async function inTransaction<T>(
  ctx: Pick<Ctx, 'pool'>,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await ctx.pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (err) {
    await client.query('ROLLBACK').catch((failure: Error) => {
      broken = failure;
    });
    throw err;
  } finally {
    client.release(broken);
  }
}

async function store(client: PoolClient, given: Batch, now: Date): Promise<Stored> {
  const { shard, clusterId, agentId, epoch } = given;
  const state = await lockAgent(client, given);
  const acked = ackedOf(state, epoch);
  const batch = given.assignSeq === true ? renumber(given, acked) : given;
  const fresh = <T extends { seq: number }>(list: readonly T[]) => list.filter(({ seq }) => seq > acked);
  const candidates = fresh(batch.rows);
  const rows = await dropStoredAudits(client, { clusterId, rows: candidates });
  const copied = await copyRows(client, { shard, clusterId, agentId, epoch, receivedAt: now, rows });
  const rejected = [...fresh(batch.rejected), ...copied.rejected];
  const stored = copied.rows;

  const gaps = fresh(batch.gaps);
  const fills = fresh(batch.fills);
  const lost = [...holeGap({ batch, acked, state, now }), ...rejectedGap(batch, rejected, now)];
  await storeGaps(client, { clusterId, agentId, epoch }, [...gaps, ...lost]);

  const delta = new RollupDelta();
  for (const { item, timeMs } of stored) delta.add(item, Math.floor(timeMs / 60_000));
  for (const { item } of fills) await applyFill(client, { shard, clusterId, item, now, delta });
  for (const { triggeredMs } of fresh(batch.canaries ?? []))
    await storeCanary(client, batch, { triggeredMs, seenMs: now.getTime() });
  const ackedSeq = Math.max(acked, batch.lastSeq);
  await advance(client, { batch, state, ackedSeq, lastEvent: newest(stored) });
  // Last before the commit: rows of rollups are shared by all agents and stay locked until then.
  await delta.store(client, shard, clusterId);
  await notify(client, clusterId, stored);
  const accepted = stored.length + gaps.length + fills.length;
  const known = batch.rows.length + batch.gaps.length + batch.fills.length;
  return { ackedSeq, accepted, duplicate: known - accepted - copied.rejected.length, rejected, rows: stored };
}

function renumber(batch: Batch, acked: number): Batch {
  const shift = acked + 1 - batch.firstSeq;
  const move = <T extends { readonly seq: number }>(list: readonly T[]) =>
    list.map((entry) => ({ ...entry, seq: entry.seq + shift }));
  return {
    ...batch,
    firstSeq: acked + 1,
    lastSeq: batch.lastSeq + shift,
    rows: move(batch.rows),
    gaps: move(batch.gaps),
    rejected: move(batch.rejected),
  };
}

async function lockAgent(client: PoolClient, batch: Batch): Promise<AgentState> {
  const found = await client.query<AgentState>({
    name: 'agent-lock',
    text: `SELECT epoch, acked_seq AS "ackedSeq", prior_epochs AS "priorEpochs", last_event_at AS "lastEventAt"
             FROM agent WHERE shard = $1 AND cluster_id = $2 AND id = $3 FOR UPDATE`,
    values: [batch.shard, batch.clusterId, batch.agentId],
  });
  const state = found.rows[0];
  if (state === undefined) throw new Error(`agent ${batch.agentId} is in the directory but has no row`);
  return state;
}

function ackedOf(state: AgentState, epoch: number): number {
  if (Number(state.epoch) === epoch) return Number(state.ackedSeq);
  return state.priorEpochs[String(epoch)] ?? 0;
}

async function advance(
  client: PoolClient,
  input: {
    readonly batch: Batch;
    readonly state: AgentState;
    readonly ackedSeq: number;
    readonly lastEvent: Date | null;
  },
): Promise<void> {
  const { batch, state, ackedSeq, lastEvent } = input;
  const prior = { ...state.priorEpochs };
  if (Number(state.epoch) !== batch.epoch) {
    delete prior[String(batch.epoch)];
    if (Number(state.epoch) > 0) prior[state.epoch] = Number(state.ackedSeq);
    const oldest = Object.keys(prior).sort((a, b) => Number(b) - Number(a));
    for (const epoch of oldest.slice(PRIOR_EPOCHS_MAX)) delete prior[epoch];
  }
  await client.query({
    name: 'agent-advance',
    text: `UPDATE agent SET epoch = $4, acked_seq = $5, prior_epochs = $6,
                  last_event_at = greatest(last_event_at, $7)
            WHERE shard = $1 AND cluster_id = $2 AND id = $3`,
    values: [
      batch.shard,
      batch.clusterId,
      batch.agentId,
      batch.epoch,
      ackedSeq,
      JSON.stringify(prior),
      lastEvent,
    ],
  });
}

/** The agent promises contiguous numbers: a hole is what its spool lost. */
function holeGap(input: { batch: Batch; acked: number; state: AgentState; now: Date }): NewGap[] {
  const { batch, acked, state, now } = input;
  const known = Math.max(acked, batch.droppedThrough);
  const count = batch.firstSeq - known - 1;
  if (count <= 0) return [];
  const first = batch.rows[0];
  const end = first === undefined ? now : new Date(first.timeMs);
  const start = state.lastEventAt !== null && state.lastEventAt < end ? state.lastEventAt : end;
  const detail = `sequence numbers ${known + 1} to ${batch.firstSeq - 1} never came`;
  return [{ source: sourceOf(batch), start, end, cause: 'spool_corrupt', count, detail, seq: known + 1 }];
}

function rejectedGap(batch: Batch, rejected: readonly Rejection[], now: Date): NewGap[] {
  const first = rejected[0];
  if (first === undefined) return [];
  const where = first.path === '' ? '' : ` at ${first.path}`;
  const detail = `first refused: number ${first.seq}${where}: ${first.message}`.slice(0, 1_024);
  const count = rejected.length;
  return [
    { source: sourceOf(batch), start: now, end: now, cause: 'rejected', count, detail, seq: first.seq },
  ];
}

/** What is lost did not say its source; the rest of the batch is the best guess. */
function sourceOf(batch: Batch): NewGap['source'] {
  return batch.rows[0]?.item.source ?? batch.gaps[0]?.source ?? 'syscall';
}

/** Announces stored events to every replica when the transaction commits. */
export async function notify(
  client: PoolClient,
  clusterId: string,
  rows: readonly EventRow[],
): Promise<void> {
  const last = newest(rows);
  if (last === null) return;
  let from = Number.POSITIVE_INFINITY;
  for (const { timeMs } of rows) from = Math.min(from, timeMs);
  const message = {
    t: 'events',
    clusterId,
    n: rows.length,
    from: new Date(from).toISOString(),
    to: last.toISOString(),
  };
  await client.query({
    name: 'notify',
    text: "SELECT pg_notify('eyrie', $1)",
    values: [JSON.stringify(message)],
  });
}

function newest(rows: readonly EventRow[]): Date | null {
  let time = Number.NEGATIVE_INFINITY;
  for (const { timeMs } of rows) time = Math.max(time, timeMs);
  return rows.length === 0 ? null : new Date(time);
}
