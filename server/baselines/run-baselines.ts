import type { Ctx } from '../context.ts';
import { readPosition } from './cursor.ts';
import { learnConnections } from './learn.ts';
import { podNames } from './pod-names.ts';

/** Without the names of pods each address of a workload would be a destination; they are waited for, not for ever. */
const NAMES_WAIT_MS = 15 * 60_000;
/** A turn ends after a million connections at most, so that a shutdown need not wait longer. */
const PAGES_MAX = 50;

/** Learns from all connections that have arrived; what remains is read at the next turn. */
export async function runBaselines(ctx: Ctx): Promise<void> {
  const workloadOf = await podNames(ctx);
  if (workloadOf === undefined) {
    const position = await readPosition(ctx.pool, ctx.config.clusterId);
    const behindMs = position === undefined ? 0 : ctx.now().getTime() - position.getTime();
    ctx.log.warn({ behindMs }, 'the pods of the cluster are not known: connections are learnt from later');
    if (behindMs < NAMES_WAIT_MS) return;
  }
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { more } = await learnConnections(ctx, workloadOf ?? (() => undefined));
    if (!more) return;
  }
}
