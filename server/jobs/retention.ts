import type { Pool } from 'pg';
import type { Ctx } from '../context.ts';

export const RETENTION_DAYS_DEFAULT = 30;
/** `setting` key; value `{ "eventDays": n }`. */
export const RETENTION_KEY = 'retention';
const CACHE_MS = 30_000;

const cache = new WeakMap<Pool, { readonly days: number; readonly until: number }>();

/** Days that events are kept. Every ingest asks, so the answer is kept for half a minute. */
export async function retentionDays(ctx: Pick<Ctx, 'pool' | 'now'>): Promise<number> {
  const now = ctx.now().getTime();
  const known = cache.get(ctx.pool);
  if (known !== undefined && now < known.until) return known.days;
  const found = await ctx.pool.query<{ value: unknown }>('SELECT value FROM setting WHERE key = $1', [
    RETENTION_KEY,
  ]);
  const value = found.rows[0]?.value as { eventDays?: unknown } | null | undefined;
  const days =
    typeof value?.eventDays === 'number' && value.eventDays >= 1 ? Math.floor(value.eventDays) : undefined;
  const kept = days ?? RETENTION_DAYS_DEFAULT;
  cache.set(ctx.pool, { days: kept, until: now + CACHE_MS });
  return kept;
}

/** After a change by this process; others follow within the half minute. */
export function forgetRetention(ctx: Pick<Ctx, 'pool'>): void {
  cache.delete(ctx.pool);
}
