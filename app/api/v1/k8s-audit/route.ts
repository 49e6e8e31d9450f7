import {
  auditEventListSchema,
  auditWebhook,
  WEBHOOK_BODY_BYTES_MAX,
} from '../../../../server/ingest/audit-webhook.ts';
import { handle } from '../../_lib/handle.ts';
import { withRetryAfter } from '../ingest/retry-after.ts';

export const dynamic = 'force-dynamic';

/** Target of `--audit-webhook-config-file` of the API server. */
export const POST = withRetryAfter(
  handle(
    { auth: 'webhook', body: auditEventListSchema, bodyBytesMax: WEBHOOK_BODY_BYTES_MAX },
    ({ ctx, body }) => auditWebhook({ ctx, input: body }),
  ),
);
