import { z } from 'zod';
import { getCommand } from '../../../../../server/commands/list.ts';
import { handle } from '../../../_lib/handle.ts';

const params = z.object({ id: z.uuid() });

export const GET = handle({ auth: 'viewer', params }, ({ ctx, params }) =>
  getCommand({ ctx, input: params }),
);
