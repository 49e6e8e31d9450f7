import { z } from 'zod';
import { eventDetail, eventKeySchema } from '../../../../../server/events/detail.ts';
import { handle } from '../../../_lib/handle.ts';

export const dynamic = 'force-dynamic';

const { id, time } = eventKeySchema.shape;

export const GET = handle(
  { auth: 'viewer', params: z.object({ id }), query: z.object({ time }) },
  ({ ctx, params, query }) => eventDetail({ ctx, input: { ...params, ...query } }),
);
