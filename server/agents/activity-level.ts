import { ACTIVITY_LEVELS, type HeartbeatReply } from '../../core/wire/agents.ts';
import type { Ctx } from '../context.ts';

/** `setting` key; value one of ACTIVITY_LEVELS. */
export const ACTIVITY_KEY = 'activity';

/** What agents are to store beside alerts. */
export async function activityLevel(ctx: Pick<Ctx, 'pool'>): Promise<HeartbeatReply['activity']> {
  const found = await ctx.pool.query<{ value: unknown }>('SELECT value FROM setting WHERE key = $1', [
    ACTIVITY_KEY,
  ]);
  return ACTIVITY_LEVELS.find((level) => level === found.rows[0]?.value) ?? 'full';
}
