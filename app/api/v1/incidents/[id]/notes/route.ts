import { createNoteSchema } from '../../../../../../core/wire/incidents.ts';
import { addNote } from '../../../../../../server/incidents/add-note.ts';
import { incidentParams } from '../../../../../../server/incidents/incident-params.ts';
import { handle } from '../../../../_lib/handle.ts';

export const POST = handle(
  { auth: 'responder', params: incidentParams, body: createNoteSchema },
  async ({ ctx, params, body }) =>
    Response.json(await addNote({ ctx, input: { ...params, text: body.text } }), { status: 201 }),
);
