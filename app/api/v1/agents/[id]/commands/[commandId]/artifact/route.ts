import { z } from 'zod';
import { ARTIFACT_CHUNK_BYTES } from '../../../../../../../../core/wire/commands.ts';
import { receiveChunk } from '../../../../../../../../server/commands/artifact.ts';
import { handle } from '../../../../../../_lib/handle.ts';
import { readBody } from '../../../../../../_lib/read-body.ts';

const params = z.object({ id: z.uuid(), commandId: z.uuid() });
const query = z.object({ index: z.coerce.number().int().min(0).max(1_000) });

export const POST = handle({ auth: 'agent', params, query }, async ({ ctx, params, query, req }) => {
  const bytes = new Uint8Array(await readBody(req, ARTIFACT_CHUNK_BYTES));
  return receiveChunk({
    ctx,
    input: { agentId: params.id, commandId: params.commandId, index: query.index, bytes },
  });
});
