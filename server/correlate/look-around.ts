import { WINDOW_MS } from '../../core/incident/correlated-event.ts';
import { incidentKeys, joinKeys } from '../../core/incident/correlation-key.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import { type StoredEvent, toCorrelated } from '../incidents/event-entry.ts';
import { KINDS, selectEvents } from './select-events.ts';

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
  const from = new Date(opening.time.getTime() - WINDOW_MS);
  const to = new Date(opening.time.getTime() + WINDOW_MS);
  let fresh = [...keys];
  for (let round = 0; round < ROUNDS && fresh.length > 0; round += 1) {
    const wanted = fresh.flatMap(conditions);
    if (wanted.length === 0) break;
    const shared = Prisma.sql`cluster_id = ${clusterId} AND time >= ${from} AND time <= ${to}
      AND (${Prisma.join(wanted, ' OR ')})`;
    const lists = await Promise.all(
      Object.values(KINDS).map((kind) =>
        selectEvents(tx, {
          where: Prisma.sql`${kind} AND ${shared}`,
          order: Prisma.sql`time DESC`,
          limit: ROWS_MAX,
        }),
      ),
    );
    const rows = lists
      .flat()
      .sort((a, b) => b.time.getTime() - a.time.getTime())
      .slice(0, ROWS_MAX);
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
function conditions(key: string): Prisma.Sql[] {
  const colon = key.indexOf(':');
  const kind = key.slice(0, colon);
  const name = key.slice(colon + 1);
  const [namespace = '', ...rest] = name.split('/');
  const tail = rest.join('/');
  switch (kind) {
    case 'pod':
      return [
        Prisma.sql`namespace = ${namespace} AND pod = ${tail}`,
        Prisma.sql`namespace = ${namespace} AND source = 'k8s_audit' AND starts_with(object, ${`pods/${tail}`})`,
      ];
    case 'workload':
      return [Prisma.sql`namespace = ${namespace} AND workload = ${tail}`];
    case 'user':
      return [Prisma.sql`"user" = ${name} AND source = 'k8s_audit'`];
    case 'serviceaccount':
      return [Prisma.sql`"user" = ${`system:serviceaccount:${namespace}:${tail}`}`];
    case 'ip':
      return [Prisma.sql`peer = ${name} AND categories && ARRAY['auth_failure']::text[]`];
    case 'node':
      return [Prisma.sql`node = ${name} AND pod IS NULL AND source <> 'k8s_audit'`];
    default:
      return [];
  }
}
