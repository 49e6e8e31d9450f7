import { hashPassword } from 'better-auth/crypto';
import type { z } from 'zod';
import type { createUserSchema, UserRow } from '../../core/wire/auth.ts';
import { appendAudit } from '../audit-trail/append.ts';
import type { Ctx } from '../context.ts';
import { insertUser } from './insert-user.ts';
import { requireRole } from './require-role.ts';
import { toUserRow } from './user-row.ts';

/** Adds a user with a password. Errors: conflict when the address is taken. */
export async function createUser({
  ctx,
  input,
}: {
  readonly ctx: Pick<Ctx, 'actor' | 'db' | 'now'>;
  readonly input: z.output<typeof createUserSchema>;
}): Promise<UserRow> {
  requireRole(ctx, 'admin');
  const passwordHash = await hashPassword(input.password);
  return await ctx.db.$transaction(async (tx) => {
    const user = await insertUser(tx, { ...input, passwordHash });
    const detail = { email: user.email, role: user.role };
    await appendAudit(tx, ctx, { verb: 'user.create', target: `user:${user.id}`, detail });
    return toUserRow(user);
  });
}
