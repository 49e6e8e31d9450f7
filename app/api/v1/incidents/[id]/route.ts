import { patchIncidentSchema } from '../../../../../core/wire/incidents.ts';
import { getIncident } from '../../../../../server/incidents/get-incident.ts';
import { incidentParams } from '../../../../../server/incidents/incident-params.ts';
import { patchIncident } from '../../../../../server/incidents/patch-incident.ts';
import { handle } from '../../../_lib/handle.ts';

export const GET = handle({ auth: 'viewer', params: incidentParams }, ({ ctx, params }) =>
  getIncident({ ctx, input: params }),
);

export const PATCH = handle(
  { auth: 'responder', params: incidentParams, body: patchIncidentSchema },
  ({ ctx, params, body }) => patchIncident({ ctx, input: { ...body, id: params.id } }),
);
