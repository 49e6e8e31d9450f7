import { z } from 'zod';
import { podState } from '../../../../../../server/cluster/pod-state.ts';
import { handle } from '../../../../_lib/handle.ts';

const params = z.object({ namespace: z.string().min(1).max(253), name: z.string().min(1).max(253) });

export const GET = handle({ auth: 'viewer', params }, ({ ctx, params }) => podState({ ctx, input: params }));
