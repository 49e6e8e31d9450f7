import { JOINING_CATEGORIES, WINDOW_MS } from '../../core/incident/correlated-event.ts';
import { incidentKeys, joinKeys } from '../../core/incident/correlation-key.ts';
import type { Prisma } from '../../prisma/generated/client.ts';
import { EVENT_COLUMNS, type StoredEvent, toCorrelated } from '../incidents/event-entry.ts';

const ROWS_MAX = 500;
/** Alert → exec that led to it → what that user did else. */
const ROUNDS = 3;

/**
 * Events stored already, up to 30 minutes before or after an alert, that belong to it: those of its
 * entities, then those of the entities these bring in. This is how the kubectl exec that came before the
 * shell gets in, and what was only waiting for an incident to join.
 */
export async function lookAround(
  tx: Prisma.TransactionClient,
  options: { readonly clusterId: string; readonly opening: StoredEvent },
): Promise<readonly StoredEvent[]> {
  const { clusterId, opening } = options;
  const keys = new Set(incidentKeys(toCorrelated(opening)));
  const found = new Map<string, StoredEvent>([[opening.id, opening]]);
  let fresh = [...keys];
  for (let round = 0; round < ROUNDS && fresh.length > 0; round += 1) {
    const rows = await tx.event.findMany({
      where: {
        clusterId,
        time: {
          gte: new Date(opening.time.getTime() - WINDOW_MS),
          lte: new Date(opening.time.getTime() + WINDOW_MS),
        },
        AND: [
          { OR: [{ rule: { not: null } }, { categories: { hasSome: [...JOINING_CATEGORIES] } }] },
          { OR: fresh.flatMap(conditions) },
        ],
      },
      orderBy: { time: 'desc' },
      take: ROWS_MAX,
      select: EVENT_COLUMNS,
    });
    fresh = [];
    for (const row of rows) {
      const event = toCorrelated(row);
      if (found.has(row.id) || !joinKeys(event).some((key) => keys.has(key))) continue;
      found.set(row.id, row);
      for (const key of incidentKeys(event)) {
        if (keys.has(key)) continue;
        keys.add(key);
        fresh.push(key);
      }
    }
  }
  return [...found.values()].sort((a, b) => a.time.getTime() - b.time.getTime());
}

/** Columns that can hold an entity; `joinKeys` has the last word on each row. */
function conditions(key: string): Prisma.EventWhereInput[] {
  const colon = key.indexOf(':');
  const kind = key.slice(0, colon);
  const name = key.slice(colon + 1);
  const [namespace = '', ...rest] = name.split('/');
  const tail = rest.join('/');
  switch (kind) {
    case 'pod':
      return [
        { namespace, pod: tail },
        { namespace, source: 'k8s_audit', object: { startsWith: `pods/${tail}` } },
      ];
    case 'workload':
      return [{ namespace, workload: tail }];
    case 'user':
      return [{ user: name, source: 'k8s_audit' }];
    case 'serviceaccount':
      return [{ user: `system:serviceaccount:${namespace}:${tail}` }];
    case 'ip':
      return [{ peer: name, categories: { has: 'auth_failure' } }];
    case 'node':
      return [{ node: name, pod: null, source: { not: 'k8s_audit' } }];
    default:
      return [];
  }
}
