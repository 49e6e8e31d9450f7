import type { Ctx } from '../context.ts';
import { DELIVERY_MS, MINUTE_MS, type Observation, SETTLE_MS, STEADY_MINUTES } from './verdict.ts';

const ROWS_MAX = 5_000;
type Row = {
  readonly time: Date;
  readonly type: string;
  readonly peer: string;
  readonly process: string | null;
};

/**
 * Connections of a pod that really came about, before and after a policy: accepted ones, and connects
 * that returned success. A connect that returned "in progress" may still fail, so it says nothing.
 */
export async function readTraffic(
  ctx: Ctx,
  pod: { readonly namespace: string; readonly name: string },
  appliedAt: Date,
): Promise<Pick<Observation, 'steady' | 'establishedAfter' | 'wholeMinute'>> {
  const settledMs = appliedAt.getTime() + SETTLE_MS;
  const minuteFrom = Math.ceil(settledMs / MINUTE_MS) * MINUTE_MS;
  const appliedMinute = Math.floor(appliedAt.getTime() / MINUTE_MS);
  const from = new Date((appliedMinute - STEADY_MINUTES) * MINUTE_MS);
  const now = ctx.now();
  const rows = await ctx.db.$queryRaw<Row[]>`
    SELECT time, type, peer, process FROM event
     WHERE cluster_id = ${ctx.config.clusterId} AND namespace = ${pod.namespace} AND pod = ${pod.name}
       AND time >= ${from} AND time <= ${now} AND source = 'syscall' AND peer IS NOT NULL
       AND NOT (peer = '::1' OR peer LIKE '127.%')
       AND (type IN ('accept', 'accept4') AND outcome = 'ok' OR type = 'connect' AND fields->>'evt.res' = 'SUCCESS')
     ORDER BY time LIMIT ${ROWS_MAX}`;
  return {
    steady: countSteady(rows, appliedMinute),
    establishedAfter: rows.filter((row) => row.time.getTime() >= settledMs).length,
    wholeMinute: now.getTime() >= minuteFrom + MINUTE_MS + DELIVERY_MS,
  };
}

/** Process-and-peer pairs seen in every one of the minutes before. */
export function countSteady(rows: readonly Row[], appliedMinute: number): number {
  const minutes = new Map<string, Set<number>>();
  for (const { time, type, peer, process } of rows) {
    const minute = Math.floor(time.getTime() / MINUTE_MS);
    if (minute >= appliedMinute) continue;
    const key = JSON.stringify([type, process, peer]);
    const seen = minutes.get(key) ?? new Set();
    minutes.set(key, seen.add(minute));
  }
  return [...minutes.values()].filter((seen) => seen.size >= STEADY_MINUTES).length;
}
