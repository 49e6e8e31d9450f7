import { z } from 'zod';
import { openArtifact } from '../../../../../../server/commands/artifact.ts';
import { handle } from '../../../../_lib/handle.ts';

const params = z.object({ id: z.uuid() });

export const GET = handle({ auth: 'responder', params }, async ({ ctx, params }) => {
  const { name, bytes, sha256, body } = await openArtifact({ ctx, input: params });
  return new Response(body, {
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(bytes),
      'content-disposition': `attachment; filename="${name}"`,
      'x-content-type-options': 'nosniff',
      'x-sha256': sha256,
    },
  });
});
