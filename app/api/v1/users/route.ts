import { createUserSchema } from '../../../../core/wire/auth.ts';
import { createUser } from '../../../../server/auth/create-user.ts';
import { listUsers } from '../../../../server/auth/list-users.ts';
import { handle } from '../../_lib/handle.ts';

export const GET = handle({ auth: 'admin' }, ({ ctx }) => listUsers({ ctx }));

export const POST = handle({ auth: 'admin', body: createUserSchema }, async ({ ctx, body }) =>
  Response.json(await createUser({ ctx, input: body }), { status: 201 }),
);
