import { z } from 'zod';
import { gapSchema } from './events.ts';

/** KPI keys in tile order; definitions in docs/kpis.md. The first four are the large tiles. */
export const KPI_KEYS = [
  'auth_failures',
  'rbac_denials',
  'psa_violations',
  'rule_hits',
  'anomalous_connections',
  'admission_denials',
  'secret_reads',
  'exec_sessions',
  'rbac_changes',
  'node_auth_failures',
  'resource_exhaustion',
] as const;
export type KpiKey = (typeof KPI_KEYS)[number];

/** GET /api/v1/kpis?from&to&ns. The same definition filters Events: `filter` is that query string. */
export const kpisReplySchema = z.object({
  tiles: z.array(
    z.object({
      key: z.enum(KPI_KEYS),
      label: z.string(),
      value: z.number(),
      previous: z.number(),
      /** Share of all requests, for auth failures: value ÷ audit requests. */
      rate: z.number().nullable(),
      /** Workloads with a baseline, and those of them with less than a day of it; for anomalous connections. */
      learning: z.object({ learning: z.number(), workloads: z.number() }).nullable(),
      series: z.array(z.number()),
      /** Mean ± 3 sd of equal bins over the 14 days before; null while there is less than a day. */
      baseline: z.object({ low: z.number(), high: z.number() }).nullable(),
      aboveNormal: z.boolean(),
      /** Highest priority among the counted events, null when none. */
      priority: z.number().nullable(),
      /** Path and query of the Events page that lists exactly these events. */
      filter: z.string(),
    }),
  ),
  stepMs: z.number(),
  gaps: z.array(gapSchema),
  asOf: z.iso.datetime(),
});
export type KpisReply = z.infer<typeof kpisReplySchema>;

/** GET /api/v1/overview?from&to&ns: the panels below the tiles. */
export const overviewReplySchema = z.object({
  topRules: z.array(z.object({ rule: z.string(), priority: z.number(), count: z.number() })),
  tactics: z.array(z.object({ tactic: z.string(), count: z.number(), priority: z.number().nullable() })),
  /** score 0–100 with its reason in words; docs/kpis.md gives the formula. */
  workloads: z.array(
    z.object({
      namespace: z.string(),
      workload: z.string(),
      score: z.number(),
      priority: z.number(),
      reason: z.string(),
      incidentId: z.number().nullable(),
    }),
  ),
  asOf: z.iso.datetime(),
});
export type OverviewReply = z.infer<typeof overviewReplySchema>;
