import { INGEST_BODY_BYTES_MAX } from '../../../../core/wire/ingest.ts';
import { ingestBatch } from '../../../../server/ingest/ingest-batch.ts';
import { handle } from '../../_lib/handle.ts';
import { readBody } from '../../_lib/read-body.ts';
import { withRetryAfter } from './retry-after.ts';

export const dynamic = 'force-dynamic';

export const POST = withRetryAfter(
  handle({ auth: 'agent' }, async ({ ctx, req }) =>
    ingestBatch({ ctx, input: { body: await readBody(req, INGEST_BODY_BYTES_MAX) } }),
  ),
);
