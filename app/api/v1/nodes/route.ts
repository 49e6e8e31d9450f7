import { listNodes } from '../../../../server/cluster/list-nodes.ts';
import { handle } from '../../_lib/handle.ts';

export const GET = handle({ auth: 'viewer' }, ({ ctx }) => listNodes({ ctx }));
