import type { z } from 'zod';
import type { ExportFormat, exportSchema } from '../../core/wire/incidents.ts';
import { appendAudit } from '../audit-trail/append.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { getIncident } from '../incidents/get-incident.ts';
import { toCsv } from './csv.ts';
import { COLUMNS, cellsOf, toMarkdown } from './markdown.ts';

export type ExportFile = { readonly name: string; readonly contentType: string; readonly text: string };

/** An incident as a file. All formats hold the same timeline lines, which are those on screen. */
export async function exportIncident({
  ctx,
  input,
}: {
  readonly ctx: Pick<Ctx, 'actor' | 'db' | 'pool' | 'config' | 'now'>;
  readonly input: { readonly id: number; readonly format: ExportFormat };
}): Promise<ExportFile> {
  requireRole(ctx, 'viewer');
  const { incident, timeline, gaps } = await getIncident({ ctx, input });
  const exportedAt = ctx.now().toISOString();
  const body: z.output<typeof exportSchema> = { incident, timeline, gaps, exportedAt };
  // Who took the evidence out of the house belongs to the chain of custody.
  await ctx.db.$transaction((tx) =>
    appendAudit(tx, ctx, {
      verb: 'incident.export',
      target: `incident:${incident.id}`,
      detail: { format: input.format, lines: timeline.length },
    }),
  );
  const name = `INC-${incident.id}-${exportedAt.slice(0, 19).replaceAll(':', '')}Z.${input.format}`;
  switch (input.format) {
    case 'json':
      return { name, contentType: 'application/json', text: `${JSON.stringify(body, null, 2)}\n` };
    case 'csv': {
      const rows = timeline.map(cellsOf);
      return { name, contentType: 'text/csv; charset=utf-8', text: toCsv(COLUMNS, rows) };
    }
    case 'md':
      return { name, contentType: 'text/markdown; charset=utf-8', text: toMarkdown(body) };
  }
}
