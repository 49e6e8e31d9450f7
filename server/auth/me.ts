import { type Me, ROLES } from '../../core/wire/auth.ts';
import type { Ctx } from '../context.ts';
import { requireRole } from './require-role.ts';

/** Who the request acts as. An api token has no e-mail address. */
export async function me({ ctx }: { readonly ctx: Pick<Ctx, 'actor' | 'db'> }): Promise<Me> {
  requireRole(ctx, 'viewer');
  const { actor } = ctx;
  if (actor.kind === 'user') {
    const user = await ctx.db.user.findUniqueOrThrow({ where: { id: actor.id }, select: { email: true } });
    return { user: { id: actor.id, name: actor.name, email: user.email, role: actor.role } };
  }
  const role = 'role' in actor ? actor.role : ROLES[0];
  return { user: { id: 'id' in actor ? actor.id : '', name: actor.name, email: '', role } };
}
