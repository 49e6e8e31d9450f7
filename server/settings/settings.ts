import type { z } from 'zod';
import type { patchSettingsSchema, Settings } from '../../core/wire/settings.ts';
import { ACTIVITY_KEY, activityLevel } from '../agents/activity-level.ts';
import { appendAudit } from '../audit-trail/append.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { forgetRetention, RETENTION_KEY, retentionDays } from '../jobs/retention.ts';

/** What is stored and for how long, and what that takes now. */
export async function readSettings({ ctx }: { readonly ctx: Ctx }): Promise<Settings> {
  requireRole(ctx, 'viewer');
  const [activity, eventDays, stored] = await Promise.all([
    activityLevel(ctx),
    retentionDays(ctx),
    ctx.pool.query<{ day: string | null; bytes: string }>(
      `SELECT min(substring(c.relname FROM '[0-9]{8}$')) AS day,
              coalesce(sum(pg_total_relation_size(c.oid)), 0) AS bytes
         FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'event'::regclass AND pg_relation_size(c.oid) > 0`,
    ),
  ]);
  const [{ day, bytes } = { day: null, bytes: '0' }] = stored.rows;
  return {
    activity,
    eventDays,
    oldestDay: day === null ? null : `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`,
    storedBytes: Number(bytes),
  };
}

/**
 * Changes what is given. Agents hear of a new level with their next heartbeat; events beyond a shorter
 * retention go within the hour, and cannot be had back.
 */
export async function patchSettings({
  ctx,
  input,
}: {
  readonly ctx: Ctx;
  readonly input: z.output<typeof patchSettingsSchema>;
}): Promise<Settings> {
  requireRole(ctx, 'admin');
  const [activity, eventDays] = await Promise.all([activityLevel(ctx), retentionDays(ctx)]);
  const values = [
    ...(input.activity === undefined ? [] : [{ key: ACTIVITY_KEY, value: input.activity }]),
    ...(input.eventDays === undefined ? [] : [{ key: RETENTION_KEY, value: { eventDays: input.eventDays } }]),
  ];
  await ctx.db.$transaction(async (tx) => {
    for (const { key, value } of values)
      await tx.setting.upsert({ where: { key }, create: { key, value }, update: { value } });
    const detail = { before: { activity, eventDays }, change: { ...input } };
    await appendAudit(tx, ctx, { verb: 'settings.update', target: 'settings', detail });
  });
  forgetRetention(ctx);
  return await readSettings({ ctx });
}
