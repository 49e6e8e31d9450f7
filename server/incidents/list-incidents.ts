import type { IncidentPage } from '../../core/wire/incidents.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { toIncidentRow } from './incident-row.ts';

const PAGE = 50;

/** Incidents, newest first, 50 a page; the cursor is the last id. */
export async function listIncidents({
  ctx,
  input,
}: {
  readonly ctx: Pick<Ctx, 'actor' | 'db' | 'config'>;
  readonly input: { readonly status?: 'open' | 'closed' | undefined; readonly cursor?: number | undefined };
}): Promise<IncidentPage> {
  requireRole(ctx, 'viewer');
  const { clusterId } = ctx.config;
  const [rows, openCount] = await Promise.all([
    ctx.db.incident.findMany({
      where: {
        clusterId,
        ...(input.status === undefined ? {} : { status: input.status }),
        ...(input.cursor === undefined ? {} : { id: { lt: input.cursor } }),
      },
      orderBy: { id: 'desc' },
      take: PAGE + 1,
    }),
    ctx.db.incident.count({ where: { clusterId, status: 'open' } }),
  ]);
  const shown = rows.slice(0, PAGE);
  const last = shown.at(-1);
  return {
    rows: shown.map(toIncidentRow),
    nextCursor: rows.length > PAGE && last !== undefined ? String(last.id) : null,
    openCount,
  };
}
