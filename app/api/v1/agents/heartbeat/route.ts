import { heartbeatSchema } from '../../../../../core/wire/agents.ts';
import { heartbeat } from '../../../../../server/agents/heartbeat.ts';
import { handle } from '../../../_lib/handle.ts';

export const dynamic = 'force-dynamic';

export const POST = handle({ auth: 'agent', body: heartbeatSchema }, ({ ctx, body }) =>
  heartbeat({ ctx, input: body }),
);
