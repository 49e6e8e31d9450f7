import { loginRequestSchema } from '../../../../core/wire/auth.ts';
import { login } from '../../../../server/auth/login.ts';
import { clientAddress } from '../../_lib/client-address.ts';
import { handle } from '../../_lib/handle.ts';
import { withCookies } from '../../_lib/secure-cookie.ts';

export const POST = handle({ auth: 'public', body: loginRequestSchema }, async ({ ctx, body, req }) => {
  const { user, setCookie } = await login({ ctx, input: { ...body, address: clientAddress(req) } });
  return withCookies(Response.json({ user }), setCookie, req);
});
