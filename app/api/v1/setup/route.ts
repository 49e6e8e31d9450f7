import { setupRequestSchema } from '../../../../core/wire/auth.ts';
import { isSetupNeeded } from '../../../../server/auth/first-run.ts';
import { login } from '../../../../server/auth/login.ts';
import { setUp } from '../../../../server/auth/set-up.ts';
import { clientAddress } from '../../_lib/client-address.ts';
import { handle } from '../../_lib/handle.ts';
import { withCookies } from '../../_lib/secure-cookie.ts';

export const GET = handle({ auth: 'public' }, async ({ ctx }) => ({ needed: await isSetupNeeded(ctx.db) }));

/** Creates the first administrator and signs them in. */
export const POST = handle({ auth: 'public', body: setupRequestSchema }, async ({ ctx, body, req }) => {
  const address = clientAddress(req);
  await setUp({ ctx, input: { ...body, address } });
  const { user, setCookie } = await login({ ctx, input: { ...body, address } });
  return withCookies(Response.json({ user }, { status: 201 }), setCookie, req);
});
