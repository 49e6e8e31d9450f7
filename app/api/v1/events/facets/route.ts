import { scopeSchema } from '../../../../../core/wire/events.ts';
import { listFacets } from '../../../../../server/events/facets.ts';
import { handle } from '../../../_lib/handle.ts';

export const dynamic = 'force-dynamic';

export const GET = handle({ auth: 'viewer', query: scopeSchema }, ({ ctx, query }) =>
  listFacets({ ctx, input: query }),
);
