import { z } from 'zod';
import { undoAction } from '../../../../../../server/actions/undo.ts';
import { handle } from '../../../../_lib/handle.ts';

const params = z.object({ id: z.uuid() });

export const POST = handle({ auth: 'responder', params }, ({ ctx, params }) =>
  undoAction({ ctx, input: params }),
);
