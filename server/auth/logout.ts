import { appendAudit } from '../audit-trail/append.ts';
import type { Ctx } from '../context.ts';
import { getAuth } from './auth.ts';

/** Ends the session of the cookie in these headers and tells which cookies to clear. */
export async function logout({
  ctx,
  input,
}: {
  readonly ctx: Pick<Ctx, 'actor' | 'db' | 'now'>;
  readonly input: { readonly headers: Headers };
}): Promise<readonly string[]> {
  if (ctx.actor.kind !== 'user') return [];
  const auth = await getAuth(ctx.db);
  const { headers } = await auth.api.signOut({ headers: input.headers, returnHeaders: true });
  const target = `user:${ctx.actor.id}`;
  await ctx.db.$transaction((tx) => appendAudit(tx, ctx, { verb: 'logout', target }));
  return headers.getSetCookie();
}
