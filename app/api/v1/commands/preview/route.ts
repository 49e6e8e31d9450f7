import { commandPreviewRequestSchema } from '../../../../../core/wire/commands.ts';
import { previewCommand } from '../../../../../server/commands/preview.ts';
import { handle } from '../../../_lib/handle.ts';

export const POST = handle({ auth: 'responder', body: commandPreviewRequestSchema }, ({ ctx, body }) =>
  previewCommand({ ctx, input: body }),
);
