import { z } from 'zod';
import { patchUserSchema } from '../../../../../core/wire/auth.ts';
import { patchUser } from '../../../../../server/auth/patch-user.ts';
import { handle } from '../../../_lib/handle.ts';

const params = z.object({ id: z.string().min(1).max(64) });

export const PATCH = handle({ auth: 'admin', params, body: patchUserSchema }, ({ ctx, params, body }) =>
  patchUser({ ctx, input: { ...body, id: params.id } }),
);
