import { z } from 'zod';
import { commandReportSchema } from '../../../../../../../core/wire/commands.ts';
import { reportCommand } from '../../../../../../../server/commands/report.ts';
import { handle } from '../../../../../_lib/handle.ts';

const params = z.object({ id: z.uuid(), commandId: z.uuid() });

export const POST = handle({ auth: 'agent', params, body: commandReportSchema }, ({ ctx, params, body }) =>
  reportCommand({ ctx, input: { agentId: params.id, commandId: params.commandId, report: body } }),
);
