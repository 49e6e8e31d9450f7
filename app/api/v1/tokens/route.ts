import { createTokenSchema } from '../../../../core/wire/auth.ts';
import { createToken } from '../../../../server/auth/create-token.ts';
import { listTokens } from '../../../../server/auth/list-tokens.ts';
import { handle } from '../../_lib/handle.ts';

export const GET = handle({ auth: 'admin' }, ({ ctx }) => listTokens({ ctx }));

/** The secret is in this answer and nowhere else. */
export const POST = handle({ auth: 'admin', body: createTokenSchema }, async ({ ctx, body }) =>
  Response.json(await createToken({ ctx, input: body }), { status: 201 }),
);
