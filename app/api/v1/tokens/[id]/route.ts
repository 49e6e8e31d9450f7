import { z } from 'zod';
import { revokeToken } from '../../../../../server/auth/revoke-token.ts';
import { handle } from '../../../_lib/handle.ts';

const params = z.object({ id: z.string().min(1).max(64) });

export const DELETE = handle({ auth: 'admin', params }, ({ ctx, params }) =>
  revokeToken({ ctx, input: params }),
);
