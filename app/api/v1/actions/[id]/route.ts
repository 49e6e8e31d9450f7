import { z } from 'zod';
import { getAction } from '../../../../../server/actions/list-actions.ts';
import { handle } from '../../../_lib/handle.ts';

const params = z.object({ id: z.uuid() });

export const GET = handle({ auth: 'viewer', params }, ({ ctx, params }) => getAction({ ctx, input: params }));
