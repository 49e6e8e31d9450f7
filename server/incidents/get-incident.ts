import { CHECKLIST } from '../../core/incident/checklist.ts';
import { toPhase } from '../../core/incident/status-machine.ts';
import type { IncidentDetail } from '../../core/wire/incidents.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { checklistSchema, toIncidentRow } from './incident-row.ts';
import { loadIncident } from './load-incident.ts';
import { readTimeline } from './timeline.ts';

const PHASES_MAX = 500;

/** One incident with its merged timeline. Errors: not_found. */
export async function getIncident({
  ctx,
  input,
}: {
  readonly ctx: Pick<Ctx, 'actor' | 'db' | 'pool' | 'config' | 'now'>;
  readonly input: { readonly id: number };
}): Promise<IncidentDetail> {
  requireRole(ctx, 'viewer');
  const incident = await loadIncident(ctx.db, ctx.config.clusterId, input.id);
  const [{ timeline, gaps }, phases, opened] = await Promise.all([
    readTimeline(ctx, incident),
    ctx.db.incidentEntry.findMany({
      where: { incidentId: incident.id, kind: 'phase' },
      orderBy: [{ time: 'asc' }, { id: 'asc' }],
      take: PHASES_MAX,
    }),
    ctx.db.incidentEntry.findFirst({ where: { incidentId: incident.id, dedupeKey: 'opened' } }),
  ]);
  const state = new Map(checklistSchema.parse(incident.checklist).map((item) => [item.key, item]));
  return {
    incident: toIncidentRow(incident),
    timeline: [...timeline],
    gaps: [...gaps],
    checklist: CHECKLIST.map((item) => ({
      ...item,
      done: state.get(item.key)?.done ?? false,
      doneBy: state.get(item.key)?.doneBy ?? null,
      doneAt: state.get(item.key)?.doneAt ?? null,
    })),
    phaseHistory: [
      { phase: 'triage', at: incident.openedAt.toISOString(), by: opened?.actor ?? 'Eyrie' },
      ...phases.map((entry) => ({
        phase: toPhase((entry.data as { phase?: string } | null)?.phase ?? ''),
        at: entry.time.toISOString(),
        by: entry.actor ?? 'Eyrie',
      })),
    ],
  };
}
