import { kpisQuerySchema, readKpis } from '../../../../server/kpis/kpis.ts';
import { handle } from '../../_lib/handle.ts';

export const dynamic = 'force-dynamic';

export const GET = handle({ auth: 'viewer', query: kpisQuerySchema }, ({ ctx, query }) =>
  readKpis({ ctx, input: query }),
);
