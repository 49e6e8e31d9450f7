import type { Ctx } from '../context.ts';
import { DELIVERY_MS, MINUTE_MS, type Observation, SETTLE_MS, STEADY_MINUTES } from './verdict.ts';

const ROWS_MAX = 5_000;
/** Probes come every few seconds and are stored once a minute. */
const NODE_LOOK_BACK_MS = 15 * MINUTE_MS;
type Row = {
  readonly time: Date;
  readonly type: string;
  readonly peer: string;
  readonly process: string | null;
};

/**
 * Connections of a pod that really came about, before and after a policy: accepted ones, and connects
 * that returned success. A connect that returned "in progress" may still fail, so it says nothing; a
 * node may always reach its own pods, so peers in `fromNode` (kubelet probes) say nothing either.
 */
export async function readTraffic(
  ctx: Ctx,
  pod: { readonly namespace: string; readonly name: string },
  appliedAt: Date,
  fromNode: ReadonlySet<string> = new Set(),
): Promise<Pick<Observation, 'steady' | 'establishedAfter' | 'wholeMinute'>> {
  const settledMs = appliedAt.getTime() + SETTLE_MS;
  const minuteFrom = Math.ceil(settledMs / MINUTE_MS) * MINUTE_MS;
  const appliedMinute = Math.floor(appliedAt.getTime() / MINUTE_MS);
  const from = new Date((appliedMinute - STEADY_MINUTES) * MINUTE_MS);
  const now = ctx.now();
  const found = await ctx.db.$queryRaw<Row[]>`
    SELECT time, type, peer, process FROM event
     WHERE cluster_id = ${ctx.config.clusterId} AND namespace = ${pod.namespace} AND pod = ${pod.name}
       AND time >= ${from} AND time <= ${now} AND source = 'syscall' AND peer IS NOT NULL
       AND NOT (peer = '::1' OR peer LIKE '127.%')
       AND (type IN ('accept', 'accept4') AND outcome = 'ok' OR type = 'connect' AND fields->>'evt.res' = 'SUCCESS')
     ORDER BY time LIMIT ${ROWS_MAX}`;
  const rows = found.filter((row) => !fromNode.has(row.peer));
  return {
    steady: countSteady(rows, appliedMinute),
    establishedAfter: rows.filter((row) => row.time.getTime() >= settledMs).length,
    wholeMinute: now.getTime() >= minuteFrom + MINUTE_MS + DELIVERY_MS,
  };
}

/** Addresses under which processes of a node itself (no container) have connected to a pod. */
export async function nodeAddresses(ctx: Ctx, node: string, podIp: string): Promise<ReadonlySet<string>> {
  const now = ctx.now();
  const rows = await ctx.db.$queryRaw<{ address: string }[]>`
    SELECT DISTINCT fields->>'fd.cip' AS address FROM event
     WHERE cluster_id = ${ctx.config.clusterId} AND node = ${node} AND container_id IS NULL AND peer = ${podIp}
       AND time >= ${new Date(now.getTime() - NODE_LOOK_BACK_MS)} AND time <= ${now}
       AND source = 'syscall' AND type = 'connect' AND fields ? 'fd.cip' LIMIT 64`;
  return new Set(rows.map((row) => row.address));
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
