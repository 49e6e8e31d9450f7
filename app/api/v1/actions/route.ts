import { z } from 'zod';
import { executeRequestSchema } from '../../../../core/wire/actions.ts';
import { executeAction } from '../../../../server/actions/execute.ts';
import { listActions } from '../../../../server/actions/list-actions.ts';
import { handle } from '../../_lib/handle.ts';

const query = z.object({ cursor: z.string().max(512).optional() });

export const GET = handle({ auth: 'viewer', query }, ({ ctx, query }) => listActions({ ctx, input: query }));

export const POST = handle({ auth: 'responder', body: executeRequestSchema }, ({ ctx, body }) =>
  executeAction({ ctx, input: body }),
);
