import { z } from 'zod';
import { createIncidentSchema } from '../../../../core/wire/incidents.ts';
import { createIncident } from '../../../../server/incidents/create-incident.ts';
import { listIncidents } from '../../../../server/incidents/list-incidents.ts';
import { handle } from '../../_lib/handle.ts';

const query = z.object({
  status: z.enum(['open', 'closed']).optional(),
  cursor: z.coerce.number().int().positive().optional(),
});

export const GET = handle({ auth: 'viewer', query }, ({ ctx, query }) =>
  listIncidents({ ctx, input: query }),
);

export const POST = handle({ auth: 'responder', body: createIncidentSchema }, async ({ ctx, body }) =>
  Response.json(await createIncident({ ctx, input: body }), { status: 201 }),
);
