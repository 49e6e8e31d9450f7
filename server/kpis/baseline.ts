import type { PoolClient } from 'pg';
import type { KpiKey } from '../../core/wire/overview.ts';
import { type KpiScope, readBins, readFirstMinute } from './read-counts.ts';

export type Band = { readonly low: number; readonly high: number };

const DAY_MS = 24 * 3600 * 1000;
export const BASELINE_DAYS = 14;
/** A band changes slowly; it is computed anew every five minutes per scope. */
const CACHE_MS = 5 * 60_000;
const CACHE_MAX = 200;

type Cached = { readonly bands: ReadonlyMap<KpiKey, Band> | undefined; readonly until: number };
const cache = new Map<string, Cached>();

/**
 * What is normal per bin: mean ± 3 standard deviations of equal bins over the 14 days before `beforeMs`,
 * empty bins counting as zero. Undefined while there is less than a day of history.
 */
export async function readBaseline(
  client: PoolClient,
  input: {
    readonly clusterId: string;
    readonly ns: readonly string[];
    readonly beforeMs: number;
    readonly stepMs: number;
    readonly nowMs: number;
  },
): Promise<ReadonlyMap<KpiKey, Band> | undefined> {
  const endMs = Math.floor(input.beforeMs / CACHE_MS) * CACHE_MS;
  const key = JSON.stringify([input.clusterId, input.ns, endMs, input.stepMs]);
  const known = cache.get(key);
  if (known !== undefined && input.nowMs < known.until) return known.bands;
  const bands = await compute(client, { ...input, endMs });
  if (cache.size >= CACHE_MAX) cache.clear();
  cache.set(key, { bands, until: input.nowMs + CACHE_MS });
  return bands;
}

async function compute(
  client: PoolClient,
  input: { clusterId: string; ns: readonly string[]; endMs: number; stepMs: number },
): Promise<ReadonlyMap<KpiKey, Band> | undefined> {
  const first = await readFirstMinute(client, input.clusterId);
  const fromMs = Math.max(input.endMs - BASELINE_DAYS * DAY_MS, first ?? input.endMs);
  if (input.endMs - fromMs < DAY_MS) return undefined;
  const binCount = Math.floor((input.endMs - fromMs) / input.stepMs);
  const scope: KpiScope = {
    clusterId: input.clusterId,
    ns: input.ns,
    fromMs,
    toMs: fromMs + binCount * input.stepMs,
  };
  const sums = new Map<KpiKey, { sum: number; squares: number }>();
  for (const { key, n } of await readBins(client, scope, input.stepMs)) {
    const known = sums.get(key) ?? { sum: 0, squares: 0 };
    sums.set(key, { sum: known.sum + n, squares: known.squares + n * n });
  }
  return new Map([...sums].map(([key, { sum, squares }]) => [key, bandOf(sum, squares, binCount)]));
}

/** Counts of rare events vary by at least the root of their mean; less would flag every single event. */
function bandOf(sum: number, squares: number, count: number): Band {
  const mean = sum / count;
  const deviation = Math.max(Math.sqrt(Math.max(0, squares / count - mean * mean)), Math.sqrt(mean));
  return { low: Math.max(0, mean - 3 * deviation), high: mean + 3 * deviation };
}
