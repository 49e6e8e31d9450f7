import { z } from 'zod';
import { toPhase } from '../../core/incident/status-machine.ts';
import { type IncidentRow, incidentRowSchema } from '../../core/wire/incidents.ts';
import type { Incident } from '../../prisma/generated/client.ts';

const entitiesSchema = incidentRowSchema.shape.entities.catch([]);

export function toIncidentRow(incident: Incident): IncidentRow {
  return {
    id: incident.id,
    title: incident.title,
    summary: incident.summary,
    priority: incident.priority,
    status: incident.status === 'closed' ? 'closed' : 'open',
    phase: toPhase(incident.phase),
    owner: incident.owner,
    openedAt: incident.openedAt.toISOString(),
    closedAt: incident.closedAt?.toISOString() ?? null,
    firstEventAt: incident.firstEventAt.toISOString(),
    lastEventAt: incident.lastEventAt.toISOString(),
    eventCount: incident.eventCount,
    entities: entitiesSchema.parse(incident.entities),
  };
}

/** Stored state of the checklist; items without a row are not done. */
export const checklistSchema = z
  .array(
    z.object({
      key: z.string(),
      done: z.boolean(),
      doneBy: z.string().nullable(),
      doneAt: z.string().nullable(),
    }),
  )
  .catch([]);
