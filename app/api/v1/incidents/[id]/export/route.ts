import { z } from 'zod';
import { EXPORT_FORMATS } from '../../../../../../core/wire/incidents.ts';
import { exportIncident } from '../../../../../../server/export/export-incident.ts';
import { incidentParams } from '../../../../../../server/incidents/incident-params.ts';
import { handle } from '../../../../_lib/handle.ts';

const query = z.object({ format: z.enum(EXPORT_FORMATS).default('json') });

export const GET = handle(
  { auth: 'viewer', params: incidentParams, query },
  async ({ ctx, params, query }) => {
    const file = await exportIncident({ ctx, input: { id: params.id, format: query.format } });
    return new Response(file.text, {
      headers: {
        'content-type': file.contentType,
        'content-disposition': `attachment; filename="${file.name}"`,
        'x-content-type-options': 'nosniff',
      },
    });
  },
);
