import type { Preview } from '../../core/wire/actions.ts';
import type { Ctx } from '../context.ts';

const LOOK_BACK_MS = 10 * 60_000;
const ROWS_MAX = 1_000;
const SHOWN_MAX = 50;

/** Connections of a pod that the sensor saw in the last 10 minutes, latest first, one line per process and peer. */
export async function seenConnections(
  ctx: Ctx,
  pod: { readonly namespace: string; readonly name: string },
): Promise<Preview['connections']> {
  const now = ctx.now();
  const rows = await ctx.db.event.findMany({
    where: {
      clusterId: ctx.config.clusterId,
      namespace: pod.namespace,
      pod: pod.name,
      time: { gte: new Date(now.getTime() - LOOK_BACK_MS), lte: now },
      categories: { has: 'connection' },
      source: 'syscall',
      outcome: 'ok',
      peer: { not: null },
    },
    orderBy: { time: 'desc' },
    take: ROWS_MAX,
    select: { peer: true, object: true, process: true, time: true },
  });
  const lines = new Map<string, Preview['connections'][number]>();
  for (const { peer, object, process, time } of rows) {
    if (peer === null || /^(127\.|::1$|0\.0\.0\.0$|::$)/.test(peer)) continue;
    const shown = object?.includes(peer) ? object : peer;
    const key = `${process} ${shown}`;
    if (!lines.has(key)) lines.set(key, { peer: shown, process, lastAt: time.toISOString() });
  }
  return [...lines.values()].slice(0, SHOWN_MAX);
}
