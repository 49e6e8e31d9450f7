import type { z } from 'zod';
import { scopeSchema } from '../../core/wire/events.ts';
import type { KpisReply } from '../../core/wire/overview.ts';
import { requireRole } from '../auth/require-role.ts';
import { readLearning } from '../baselines/read-learning.ts';
import type { Ctx } from '../context.ts';
import { readOnly } from '../db/read-only.ts';
import { AppError } from '../errors.ts';
import { readGaps } from '../events/gaps.ts';
import { timeBins } from '../events/time-bins.ts';
import { type Band, readBaseline } from './baseline.ts';
import { eventsLink, KPIS, type KpiDefinition } from './definitions.ts';
import { type BinCount, type KpiScope, readAuditRequests, readBins } from './read-counts.ts';

export const kpisQuerySchema = scopeSchema.pick({ from: true, to: true, ns: true });
export type KpisQuery = z.output<typeof kpisQuerySchema>;

const MINUTE_MS = 60_000;
const BINS_MAX = 60;
const RANGE_MS_MAX = 400 * 24 * 3600 * 1000;
const TIMEOUT_MS = 10_000;
/** Fewer events than this in a bin are never "above normal". */
const NOTABLE_MIN = 3;

/** All tiles from the minute rollups: number, the equal period before, history, what is normal, and the link. */
export async function readKpis({ ctx, input }: { ctx: Ctx; input: KpisQuery }): Promise<KpisReply> {
  requireRole(ctx, 'viewer');
  const range = wholeMinutes(input);
  const { clusterId } = ctx.config;
  const lengthMs = range.toMs - range.fromMs;
  const bins = timeBins(isoRange(range), { countMax: BINS_MAX, stepMinMs: MINUTE_MS });
  const scope: KpiScope = { clusterId, ns: input.ns, ...range };
  const earlier: KpiScope = { ...scope, fromMs: range.fromMs - lengthMs, toMs: range.fromMs };
  return readOnly(ctx.pool, { timeoutMs: TIMEOUT_MS }, async (client) => {
    const current = await readBins(client, { ...scope, fromMs: bins.startMs }, bins.stepMs);
    // The first bin may begin before the range; the number counts the range alone.
    const values = bins.startMs === range.fromMs ? current : await readBins(client, scope, lengthMs);
    const previous = await readBins(client, earlier, lengthMs);
    const requests = await readAuditRequests(client, scope);
    const nowMs = ctx.now().getTime();
    const bands = await readBaseline(client, {
      clusterId,
      ns: input.ns,
      beforeMs: range.fromMs,
      stepMs: bins.stepMs,
      nowMs,
    });
    const learning = await readLearning(client, { clusterId, ns: input.ns, nowMs });
    const gaps = await readGaps(client, { clusterId, ...isoRange(range) });
    const tiles = KPIS.map((definition) =>
      tile(definition, {
        current,
        values,
        previous,
        requests,
        learning,
        bands,
        binCount: bins.count,
        link: { ...isoRange(range), ns: input.ns },
      }),
    );
    return { tiles, stepMs: bins.stepMs, gaps, asOf: new Date(nowMs).toISOString() };
  });
}

function tile(
  definition: KpiDefinition,
  data: {
    readonly current: readonly BinCount[];
    readonly values: readonly BinCount[];
    readonly previous: readonly BinCount[];
    readonly requests: number;
    readonly learning: Exclude<KpisReply['tiles'][number]['learning'], null>;
    readonly bands: ReadonlyMap<string, Band> | undefined;
    readonly binCount: number;
    readonly link: { readonly from: string; readonly to: string; readonly ns: readonly string[] };
  },
): KpisReply['tiles'][number] {
  const { key, label } = definition;
  const mine = (counts: readonly BinCount[]) => counts.filter((count) => count.key === key);
  const total = (counts: readonly BinCount[]) => mine(counts).reduce((sum, { n }) => sum + n, 0);
  const series = Array<number>(data.binCount).fill(0);
  for (const { bin, n } of mine(data.current)) {
    const place = Math.max(0, Math.min(data.binCount - 1, bin));
    series[place] = (series[place] ?? 0) + n;
  }
  const value = total(data.values);
  // A KPI without any event in 14 days has a band too: nothing is normal.
  const baseline = data.bands === undefined ? null : (data.bands.get(key) ?? { low: 0, high: 0 });
  const priorities = mine(data.values).map(({ priority }) => priority);
  return {
    key,
    label,
    value,
    previous: total(data.previous),
    rate: key === 'auth_failures' && data.requests > 0 ? value / data.requests : null,
    learning: key === 'anomalous_connections' ? data.learning : null,
    series,
    baseline,
    aboveNormal: baseline !== null && series.some((n) => n >= NOTABLE_MIN && n > baseline.high),
    priority: priorities.length === 0 ? null : Math.min(...priorities),
    filter: eventsLink(definition, data.link),
  };
}

/** Rollups know whole minutes: the range grows to them, and the links say the grown range. */
export function wholeMinutes(input: { readonly from: string; readonly to: string }) {
  const fromMs = Math.floor(new Date(input.from).getTime() / MINUTE_MS) * MINUTE_MS;
  const toMs = Math.ceil(new Date(input.to).getTime() / MINUTE_MS) * MINUTE_MS;
  if (toMs > fromMs && toMs - fromMs <= RANGE_MS_MAX) return { fromMs, toMs };
  throw new AppError('bad_request', 'The time range must be positive and at most 400 days long.', {
    reason: 'scope_invalid',
    faults: [{ path: 'from', message: 'not before to, or too far from it' }],
  });
}

export function isoRange(range: { readonly fromMs: number; readonly toMs: number }) {
  return { from: new Date(range.fromMs).toISOString(), to: new Date(range.toMs).toISOString() };
}
