import { listAgents } from '../../../../server/agents/list.ts';
import { handle } from '../../_lib/handle.ts';

export const dynamic = 'force-dynamic';

export const GET = handle({ auth: 'viewer' }, ({ ctx }) => listAgents({ ctx }));
