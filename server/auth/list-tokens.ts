import type { TokenRow } from '../../core/wire/auth.ts';
import type { Ctx } from '../context.ts';
import { requireRole } from './require-role.ts';
import { toTokenRow } from './token-row.ts';

const TOKENS_MAX = 1_000;

/** All tokens, newest first, at most 1,000; never their secrets. */
export async function listTokens({ ctx }: { readonly ctx: Pick<Ctx, 'actor' | 'db'> }): Promise<TokenRow[]> {
  requireRole(ctx, 'admin');
  const tokens = await ctx.db.token.findMany({ orderBy: { createdAt: 'desc' }, take: TOKENS_MAX });
  return tokens.map(toTokenRow);
}
