import { notify } from '../actions/record.ts';
import { appendAudit } from '../audit-trail/append.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { addLine } from './add-line.ts';
import { loadIncident } from './load-incident.ts';

/** Adds a note to the timeline; closed incidents take notes too. Errors: not_found. */
export async function addNote({
  ctx,
  input,
}: {
  readonly ctx: Pick<Ctx, 'actor' | 'db' | 'config' | 'now'>;
  readonly input: { readonly id: number; readonly text: string };
}): Promise<{ readonly id: string }> {
  requireRole(ctx, 'responder');
  return await ctx.db.$transaction(async (tx) => {
    const incident = await loadIncident(tx, ctx.config.clusterId, input.id);
    const line = { incidentId: incident.id, kind: 'note', summary: input.text, about: 'note' } as const;
    const id = await addLine(tx, ctx, line);
    await notify(tx, { t: 'incident', id: incident.id });
    await appendAudit(tx, ctx, {
      verb: 'incident.note',
      target: `incident:${incident.id}`,
      detail: { entry: String(id), chars: input.text.length },
    });
    return { id: String(id) };
  });
}
