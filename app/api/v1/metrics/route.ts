import { metricsText } from '../../../../server/ingest/metrics.ts';
import { handle } from '../../_lib/handle.ts';

export const dynamic = 'force-dynamic';

/** Prometheus text; scrapers use an API token of the role viewer. */
export const GET = handle({ auth: 'viewer' }, async ({ ctx }) => {
  const { text, type } = await metricsText({ ctx });
  return new Response(text, { headers: { 'content-type': type } });
});
