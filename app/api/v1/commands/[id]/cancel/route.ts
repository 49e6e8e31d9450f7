import { z } from 'zod';
import { cancelCommand } from '../../../../../../server/commands/cancel.ts';
import { handle } from '../../../../_lib/handle.ts';

const params = z.object({ id: z.uuid() });

export const POST = handle({ auth: 'responder', params }, ({ ctx, params }) =>
  cancelCommand({ ctx, input: params }),
);
