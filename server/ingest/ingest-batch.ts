import type { IngestReply } from '../../core/wire/ingest.ts';
import { enrolAgent } from '../agents/enrol.ts';
import { requireActor } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { asUnavailable } from '../db/unavailable.ts';
import { AppError } from '../errors.ts';
import { retentionDays } from '../jobs/retention.ts';
import { buildBatch } from './build-batch.ts';
import { Limiter } from './limiter.ts';
import { ingestMetrics } from './metrics.ts';
import { parseBatch } from './parse-batch.ts';
import { type Batch, type Stored, storeBatch } from './store-batch.ts';

/** Pause told to an agent per batch that waits before the database. */
const BACKOFF_MS_PER_WAITING = 50;

const limiters = new WeakMap<object, Limiter>();

/**
 * Takes one batch of an agent's stream. Shape: body per core/wire/ingest.ts, already unpacked.
 * Errors: too_large, bad_request (header), unavailable (nothing stored, nothing acknowledged: send again).
 */
export async function ingestBatch({
  ctx,
  input,
}: {
  ctx: Ctx;
  input: { body: Buffer };
}): Promise<IngestReply> {
  requireActor(ctx, 'agent');
  const parsed = parseBatch(input.body);
  const place = await asAvailable(() => {
    const node = parsed.items.find(({ item }) => item.k !== 'fill' && item.node !== undefined)?.item;
    return enrolAgent(ctx, {
      id: parsed.header.agentId,
      node: node !== undefined && 'node' in node ? (node.node ?? 'unknown') : 'unknown',
    });
  });
  const days = await asAvailable(() => retentionDays(ctx));
  const batch = buildBatch(parsed, { ...place, now: ctx.now(), retentionDays: days });
  const { stored, waiting } = await storeInTurn(ctx, batch);
  return {
    ackedSeq: stored.ackedSeq,
    accepted: stored.accepted,
    duplicate: stored.duplicate,
    rejected: [...stored.rejected],
    backoffMs: waiting * BACKOFF_MS_PER_WAITING,
  };
}

/** Stores with a bounded number of transactions at the same time. Errors: unavailable when too many wait. */
export async function storeInTurn(ctx: Ctx, batch: Batch): Promise<{ stored: Stored; waiting: number }> {
  const limiter = limiters.get(ctx.pool) ?? new Limiter(ctx.config.ingestConcurrency);
  limiters.set(ctx.pool, limiter);
  const metrics = ingestMetrics();
  const done = await limiter.run(async () => {
    const end = metrics.transactionSeconds.startTimer();
    try {
      return await storeBatch(ctx, batch);
    } finally {
      end();
    }
  });
  if (done === undefined) {
    metrics.refusedBatches.inc();
    throw new AppError(
      'unavailable',
      'Too many batches are waiting for the database. Send it again shortly.',
      {
        reason: 'ingest_busy',
      },
    );
  }
  metrics.count(done.value);
  return { stored: done.value, waiting: limiter.waiting };
}

async function asAvailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (err) {
    throw asUnavailable(err);
  }
}
