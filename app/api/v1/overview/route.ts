import { kpisQuerySchema } from '../../../../server/kpis/kpis.ts';
import { readOverview } from '../../../../server/kpis/overview.ts';
import { handle } from '../../_lib/handle.ts';

export const dynamic = 'force-dynamic';

export const GET = handle({ auth: 'viewer', query: kpisQuerySchema }, ({ ctx, query }) =>
  readOverview({ ctx, input: query }),
);
