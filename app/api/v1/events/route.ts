import { listEvents, listEventsSchema } from '../../../../server/events/list.ts';
import { handle } from '../../_lib/handle.ts';

export const dynamic = 'force-dynamic';

export const GET = handle({ auth: 'viewer', query: listEventsSchema }, ({ ctx, query }) =>
  listEvents({ ctx, input: query }),
);
