import { z } from 'zod';
import { CATEGORIES, OUTCOMES, SOURCES } from '../events/event.ts';
import { fieldValueSchema } from './ingest.ts';

/**
 * Scope shared by every read: time range (ISO, half-open), namespaces, and a Falco filter.
 * Reads always carry both bounds (partition pruning).
 */
export const scopeSchema = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  ns: z.array(z.string().max(253)).max(50).default([]),
  /** Falco filter syntax, e.g. `proc.name=cat and fd.name startswith /etc`. Empty = everything. */
  q: z.string().max(8_192).default(''),
  /** Facet selections, OR within a facet, AND across; a leading `!` on a value excludes it. */
  facets: z.record(z.string(), z.array(z.string().max(512)).max(50)).default({}),
});
export type Scope = z.infer<typeof scopeSchema>;

/** Facet keys and the columns they stand for. `category` is multi-valued. */
export const FACETS = [
  'priority',
  'source',
  'category',
  'outcome',
  'rule',
  'process',
  'user',
  'node',
  'namespace',
  'workload',
  'pod',
  'peer',
  'tactic',
] as const;
export type Facet = (typeof FACETS)[number];

export const eventRowSchema = z.object({
  /** `<shard>.<uuid>`; together with `time` it addresses the row. */
  id: z.string(),
  time: z.iso.datetime(),
  source: z.enum(SOURCES),
  type: z.string(),
  categories: z.array(z.enum(CATEGORIES)),
  outcome: z.enum(OUTCOMES),
  priority: z.number().int(),
  rule: z.string().nullable(),
  tags: z.array(z.string()),
  summary: z.string(),
  node: z.string().nullable(),
  namespace: z.string().nullable(),
  pod: z.string().nullable(),
  container: z.string().nullable(),
  containerId: z.string().nullable(),
  workload: z.string().nullable(),
  user: z.string().nullable(),
  process: z.string().nullable(),
  pid: z.number().nullable(),
  peer: z.string().nullable(),
  object: z.string().nullable(),
});
export type EventRow = z.infer<typeof eventRowSchema>;

/** A gap as it is drawn on time axes and listed in exports. */
export const gapSchema = z.object({
  id: z.string(),
  source: z.enum(SOURCES),
  node: z.string().nullable(),
  start: z.iso.datetime(),
  end: z.iso.datetime(),
  cause: z.string(),
  count: z.number().nullable(),
  detail: z.string().nullable(),
});
export type Gap = z.infer<typeof gapSchema>;

/** GET /api/v1/events: newest first, keyset cursor. */
export const eventPageSchema = z.object({
  rows: z.array(eventRowSchema),
  nextCursor: z.string().nullable(),
  /** Exact total for the scope; null when counting was cut off at `totalAtLeast`. */
  total: z.number().nullable(),
  totalAtLeast: z.number(),
  /** Events read to fill the page, where the filter is decided event by event; the page may be short of rows. */
  examined: z.number().optional(),
  tookMs: z.number(),
  gaps: z.array(gapSchema),
});
export type EventPage = z.infer<typeof eventPageSchema>;
export const EVENT_PAGE_MAX = 500;

/** When counting everything takes too long, the newest events stand for the rest. */
export const FACET_SAMPLE_ROWS = 50_000;

/** GET /api/v1/events/facets: counts exclude the facet's own selection. */
export const facetsReplySchema = z.object({
  facets: z.array(
    z.object({
      key: z.enum(FACETS),
      values: z.array(z.object({ value: z.string(), count: z.number() })),
      more: z.number(),
      /** Counted in the newest FACET_SAMPLE_ROWS events only. */
      partial: z.boolean(),
    }),
  ),
});
export type FacetsReply = z.infer<typeof facetsReplySchema>;

/** GET /api/v1/events/histogram: `bySource` aligns with SOURCES order; bins cover [from, to). */
export const histogramSchema = z.object({
  stepMs: z.number(),
  bins: z.array(z.object({ time: z.iso.datetime(), bySource: z.array(z.number()).length(SOURCES.length) })),
  gaps: z.array(gapSchema),
});
export type Histogram = z.infer<typeof histogramSchema>;

/** GET /api/v1/events/{id}?time=… */
export const eventDetailSchema = z.object({
  row: eventRowSchema,
  output: z.string().nullable(),
  image: z.string().nullable(),
  podUid: z.string().nullable(),
  serviceAccount: z.string().nullable(),
  enrichment: z.enum(['filled', 'none', 'failed']),
  agentId: z.string().nullable(),
  receivedAt: z.iso.datetime(),
  fields: z.record(z.string(), fieldValueSchema),
  raw: z.unknown(),
  /** Oldest ancestor first, the event's own process last, then flagged children. */
  ancestry: z.array(
    z.object({
      pid: z.number(),
      name: z.string(),
      cmdline: z.string(),
      user: z.string().nullable(),
      self: z.boolean(),
      depth: z.number().int(),
      priority: z.number().nullable(),
      note: z.string().nullable(),
    }),
  ),
  /** Connections of the same container within ±5 minutes, collapsed per process and peer. */
  network: z.array(
    z.object({
      direction: z.enum(['in', 'out']),
      peer: z.string(),
      port: z.number().nullable(),
      process: z.string().nullable(),
      count: z.number(),
      lastAt: z.iso.datetime(),
      priority: z.number(),
    }),
  ),
  related: z.array(eventRowSchema),
  incident: z.object({ id: z.number(), title: z.string() }).nullable(),
});
export type EventDetail = z.infer<typeof eventDetailSchema>;
