import { commandRequestSchema } from '../../../../core/wire/commands.ts';
import { listCommands, listCommandsQuery } from '../../../../server/commands/list.ts';
import { requestCommand } from '../../../../server/commands/request.ts';
import { handle } from '../../_lib/handle.ts';

export const dynamic = 'force-dynamic';

export const GET = handle({ auth: 'viewer', query: listCommandsQuery }, ({ ctx, query }) =>
  listCommands({ ctx, input: query }),
);

export const POST = handle({ auth: 'responder', body: commandRequestSchema }, ({ ctx, body }) =>
  requestCommand({ ctx, input: body }),
);
