import type { z } from 'zod';
import type { patchUserSchema, UserRow } from '../../core/wire/auth.ts';
import { appendAudit } from '../audit-trail/append.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { requireRole } from './require-role.ts';
import { ADMIN_LOCK } from './set-up.ts';
import { toUserRow } from './user-row.ts';

/**
 * Changes role or disables a user; disabling ends all sessions at once.
 * Errors: conflict for the last enabled administrator, not_found.
 */
export async function patchUser({
  ctx,
  input,
}: {
  readonly ctx: Pick<Ctx, 'actor' | 'db' | 'now'>;
  readonly input: z.output<typeof patchUserSchema> & { readonly id: string };
}): Promise<UserRow> {
  requireRole(ctx, 'admin');
  return await ctx.db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADMIN_LOCK})`;
    const before = await tx.user.findUnique({ where: { id: input.id } });
    if (before === null) throw new AppError('not_found', 'There is no such user.');
    const role = input.role ?? before.role;
    const disabled = input.disabled ?? before.disabled;
    if (before.role === 'admin' && !before.disabled && (role !== 'admin' || disabled)) {
      const others = await tx.user.count({
        where: { role: 'admin', disabled: false, id: { not: before.id } },
      });
      if (others === 0) {
        throw new AppError('conflict', 'This is the last administrator. Make another one first.', {
          reason: 'last_admin',
        });
      }
    }
    const user = await tx.user.update({ where: { id: before.id }, data: { role, disabled } });
    if (disabled) await tx.session.deleteMany({ where: { userId: user.id } });
    const detail = { from: { role: before.role, disabled: before.disabled }, to: { role, disabled } };
    await appendAudit(tx, ctx, { verb: 'user.patch', target: `user:${user.id}`, detail });
    return toUserRow(user);
  });
}
