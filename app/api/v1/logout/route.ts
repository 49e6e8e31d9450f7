import { logout } from '../../../../server/auth/logout.ts';
import { handle } from '../../_lib/handle.ts';
import { withCookies } from '../../_lib/secure-cookie.ts';

export const POST = handle({ auth: 'viewer' }, async ({ ctx, req }) => {
  const setCookie = await logout({ ctx, input: { headers: req.headers } });
  return withCookies(new Response(null, { status: 204 }), setCookie, req);
});
