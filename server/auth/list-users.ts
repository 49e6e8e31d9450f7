import type { UserRow } from '../../core/wire/auth.ts';
import type { Ctx } from '../context.ts';
import { requireRole } from './require-role.ts';
import { toUserRow } from './user-row.ts';

const USERS_MAX = 1_000;

/** All users by name, at most 1,000. */
export async function listUsers({ ctx }: { readonly ctx: Pick<Ctx, 'actor' | 'db'> }): Promise<UserRow[]> {
  requireRole(ctx, 'admin');
  const users = await ctx.db.user.findMany({ orderBy: [{ name: 'asc' }, { id: 'asc' }], take: USERS_MAX });
  return users.map(toUserRow);
}
