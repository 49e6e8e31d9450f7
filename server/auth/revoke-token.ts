import type { TokenRow } from '../../core/wire/auth.ts';
import { appendAudit } from '../audit-trail/append.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { requireRole } from './require-role.ts';
import { toTokenRow } from './token-row.ts';

/** Revokes a token for good; a second call changes nothing. Errors: not_found. */
export async function revokeToken({
  ctx,
  input,
}: {
  readonly ctx: Pick<Ctx, 'actor' | 'db' | 'now'>;
  readonly input: { readonly id: string };
}): Promise<TokenRow> {
  requireRole(ctx, 'admin');
  return await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.token.updateMany({
      where: { id: input.id, revokedAt: null },
      data: { revokedAt: ctx.now() },
    });
    const token = await tx.token.findUnique({ where: { id: input.id } });
    if (token === null) throw new AppError('not_found', 'There is no such token.');
    if (count === 1) {
      const detail = { name: token.name, kind: token.kind };
      await appendAudit(tx, ctx, { verb: 'token.revoke', target: `token:${token.id}`, detail });
    }
    return toTokenRow(token);
  });
}
