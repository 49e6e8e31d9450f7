import { WINDOW_MS } from '../../core/incident/correlated-event.ts';
import { joinKeys } from '../../core/incident/correlation-key.ts';
import type { Prisma } from '../../prisma/generated/client.ts';
import { type StoredEvent, toCorrelated } from '../incidents/event-entry.ts';

const CANDIDATES_MAX = 100;

/**
 * The open incident an event belongs to: it shares a key, and the event lies no more than 30 minutes
 * outside the incident's stretch. Most shared keys win, then the latest.
 */
export async function findIncident(
  tx: Prisma.TransactionClient,
  clusterId: string,
  event: StoredEvent,
): Promise<number | undefined> {
  const keys = joinKeys(toCorrelated(event));
  if (keys.length === 0) return undefined;
  const members = await tx.incidentMember.findMany({
    where: {
      clusterId,
      entity: { in: [...keys] },
      incident: {
        status: 'open',
        lastEventAt: { gte: new Date(event.time.getTime() - WINDOW_MS) },
        firstEventAt: { lte: new Date(event.time.getTime() + WINDOW_MS) },
      },
    },
    select: { incidentId: true },
    take: CANDIDATES_MAX,
  });
  const shared = new Map<number, number>();
  for (const { incidentId } of members) shared.set(incidentId, (shared.get(incidentId) ?? 0) + 1);
  return [...shared].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0];
}
