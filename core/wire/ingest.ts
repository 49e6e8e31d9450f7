import { z } from 'zod';
import { CATEGORIES, OUTCOMES, SOURCES } from '../events/event.ts';

/**
 * POST /api/v1/ingest, content-type application/x-ndjson (gzip allowed).
 * Line 1 is the header; line n+2 is the item with sequence number firstSeq + n. A bad line costs only
 * itself: it gets a verdict in `rejected` and a gap of cause `rejected`, and its neighbours are kept.
 * Limits: body 8 MiB after decompression (413 names the limit), 5,000 items, 1 MiB a line.
 */
export const INGEST_BODY_BYTES_MAX = 8 * 1024 * 1024;
export const INGEST_ITEMS_MAX = 5_000;
export const INGEST_LINE_BYTES_MAX = 1024 * 1024;

export const ingestHeaderSchema = z.object({
  agentId: z.uuid(),
  /** Unix seconds at which this spool was created: a new spool starts a new stream at seq 1. */
  epoch: z.number().int().min(0).max(0xffffffff),
  firstSeq: z
    .number()
    .int()
    .min(1)
    .max(2 ** 48 - 1),
  /** Highest number that the agent dropped itself; it reports those in gaps of cause `spool_full`. */
  droppedThrough: z
    .number()
    .int()
    .min(0)
    .max(2 ** 48 - 1)
    .optional(),
});
export type IngestHeader = z.infer<typeof ingestHeaderSchema>;

const text = (max: number) => z.string().max(max);
const ns = z.string().regex(/^\d{1,19}$/);

export const FIELDS_MAX = 200;
export const fieldValueSchema = z.union([
  z.string().max(65_536),
  z.number(),
  z.boolean(),
  z.array(z.string().max(4_096)).max(256),
]);

export const eventItemSchema = z.object({
  k: z.literal('event'),
  timeNs: ns,
  source: z.enum(SOURCES),
  type: text(64),
  categories: z.array(z.enum(CATEGORIES)).max(8),
  outcome: z.enum(OUTCOMES),
  priority: z.number().int().min(0).max(7),
  rule: text(256).optional(),
  output: text(16_384).optional(),
  tags: z.array(text(128)).max(64).optional(),
  summary: text(1_024),
  node: text(253).optional(),
  namespace: text(253).optional(),
  pod: text(253).optional(),
  podUid: text(64).optional(),
  container: text(253).optional(),
  containerId: text(128).optional(),
  image: text(512).optional(),
  workload: text(320).optional(),
  serviceAccount: text(253).optional(),
  user: text(512).optional(),
  process: text(256).optional(),
  pid: z.number().int().optional(),
  peer: text(64).optional(),
  object: text(4_096).optional(),
  enrichment: z.enum(['filled', 'none', 'failed']),
  fields: z.record(text(256), fieldValueSchema),
  raw: z.unknown().optional(),
});

export const gapItemSchema = z.object({
  k: z.literal('gap'),
  source: z.enum(SOURCES),
  node: text(253).optional(),
  startNs: ns,
  endNs: ns,
  cause: z.enum([
    'probe_drop',
    'spool_full',
    'spool_corrupt',
    'agent_down',
    'audit_lag',
    'audit_lost',
    'log_lost',
    'clock_jump',
    'rejected',
  ]),
  count: z.number().int().min(0).optional(),
  detail: text(1_024).optional(),
});

/** Pod metadata that was found after the event had been sent; applies to rows with this container id. */
export const fillItemSchema = z.object({
  k: z.literal('fill'),
  containerId: text(128),
  namespace: text(253),
  pod: text(253),
  podUid: text(64),
  container: text(253).optional(),
  image: text(512).optional(),
  workload: text(320).optional(),
  serviceAccount: text(253).optional(),
});

export const ingestItemSchema = z.discriminatedUnion('k', [eventItemSchema, gapItemSchema, fillItemSchema]);
export type IngestItem = z.infer<typeof ingestItemSchema>;

export const ingestReplySchema = z.object({
  /** Highest sequence number now durable for this (agentId, epoch). */
  ackedSeq: z.number().int(),
  accepted: z.number().int(),
  /** Items dropped because seq ≤ ackedSeq, or because the audit event is already stored. */
  duplicate: z.number().int(),
  rejected: z.array(z.object({ seq: z.number().int(), path: z.string(), message: z.string() })),
  /** Wait this long before the next batch (backpressure); 0 = go on. */
  backoffMs: z.number().int(),
});
export type IngestReply = z.infer<typeof ingestReplySchema>;
