import { z } from 'zod';
import { deliverCommands } from '../../../../../../server/commands/deliver.ts';
import { handle } from '../../../../_lib/handle.ts';

export const dynamic = 'force-dynamic';

const params = z.object({ id: z.uuid() });

export const GET = handle({ auth: 'agent', params }, ({ ctx, params }) =>
  deliverCommands({ ctx, input: { agentId: params.id } }),
);
