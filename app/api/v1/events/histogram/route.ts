import { scopeSchema } from '../../../../../core/wire/events.ts';
import { eventHistogram } from '../../../../../server/events/histogram.ts';
import { handle } from '../../../_lib/handle.ts';

export const dynamic = 'force-dynamic';

export const GET = handle({ auth: 'viewer', query: scopeSchema }, ({ ctx, query }) =>
  eventHistogram({ ctx, input: query }),
);
