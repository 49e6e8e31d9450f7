import { openStream } from '../../../../server/stream/open-stream.ts';
import { handle } from '../../_lib/handle.ts';

export const dynamic = 'force-dynamic';

export const GET = handle({ auth: 'viewer' }, async ({ ctx, req }) => {
  const lastEventId = req.headers.get('last-event-id');
  return new Response(await openStream({ ctx, input: { lastEventId, signal: req.signal } }), {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    },
  });
});
