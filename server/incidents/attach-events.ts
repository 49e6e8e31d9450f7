import { type Entity, entitiesOf, incidentKeys } from '../../core/incident/correlation-key.ts';
import { incidentSummary, incidentTitle } from '../../core/incident/title.ts';
import type { Prisma } from '../../prisma/generated/client.ts';
import { notify } from '../actions/record.ts';
import { copyUsers } from './acting-user-lines.ts';
import { entryToCorrelated, type StoredEvent, toCorrelated, toEntry } from './event-entry.ts';
import { toIncidentRow } from './incident-row.ts';

/** One incident holds this many events; later ones stay on the Events page. */
export const EVENTS_MAX = 5_000;
const ENTITIES_MAX = 60;
const MEMBERS_MAX = 200;
const DESCRIBED_MAX = 500;

/**
 * Adds events to an incident once each: lines, entity keys, counts, and its words. Words and priority
 * that a person has set stay. Returns how many were new.
 */
export async function attachEvents(
  tx: Prisma.TransactionClient,
  incidentId: number,
  events: readonly StoredEvent[],
): Promise<number> {
  const before = await tx.incident.findUniqueOrThrow({ where: { id: incidentId } });
  const room = Math.max(0, EVENTS_MAX - before.eventCount);
  const { count } = await tx.incidentEntry.createMany({
    data: events.slice(0, room).map((event) => toEntry(event, incidentId)),
    skipDuplicates: true,
  });
  if (count > 0) await copyUsers(tx, events.slice(0, room));
  if (events.length > room) await noteFull(tx, incidentId, events);
  await addMembers(tx, before, events);
  const [titled, prioritised] = await Promise.all([
    tx.incidentEntry.count({ where: { incidentId, dedupeKey: { startsWith: 'title:' } } }),
    tx.incidentEntry.count({ where: { incidentId, dedupeKey: { startsWith: 'priority:' } } }),
  ]);
  const lines = await tx.incidentEntry.findMany({
    where: { incidentId, kind: 'event' },
    orderBy: [{ time: 'asc' }, { id: 'asc' }],
    take: DESCRIBED_MAX,
  });
  const told = lines.map(entryToCorrelated);
  const times = events.map((event) => event.time.getTime());
  await tx.incident.update({
    where: { id: incidentId },
    data: {
      eventCount: before.eventCount + count,
      firstEventAt: new Date(Math.min(before.firstEventAt.getTime(), ...times)),
      lastEventAt: new Date(Math.max(before.lastEventAt.getTime(), ...times)),
      entities: mergeEntities(toIncidentRow(before).entities, events),
      summary: incidentSummary(told),
      ...(titled > 0 || told.length === 0 ? {} : { title: incidentTitle(told) }),
      ...(prioritised > 0 ? {} : { priority: Math.min(before.priority, ...alertPriorities(events)) }),
    },
  });
  await notify(tx, { t: 'incident', id: incidentId });
  return count;
}

function alertPriorities(events: readonly StoredEvent[]): number[] {
  return events.filter((event) => event.rule !== null).map((event) => event.priority);
}

async function addMembers(
  tx: Prisma.TransactionClient,
  incident: { readonly id: number; readonly clusterId: string },
  events: readonly StoredEvent[],
): Promise<void> {
  const lastAt = new Map<string, Date>();
  for (const event of events) {
    for (const key of incidentKeys(toCorrelated(event))) {
      const known = lastAt.get(key);
      if (known === undefined || known < event.time) lastAt.set(key, event.time);
    }
  }
  for (const [entity, at] of [...lastAt].slice(0, MEMBERS_MAX)) {
    await tx.$executeRaw`
      INSERT INTO incident_member (incident_id, cluster_id, entity, last_at)
      VALUES (${incident.id}, ${incident.clusterId}, ${entity}, ${at})
      ON CONFLICT (incident_id, entity) DO UPDATE SET last_at = greatest(incident_member.last_at, EXCLUDED.last_at)`;
  }
}

function mergeEntities(known: readonly Entity[], events: readonly StoredEvent[]): Prisma.InputJsonArray {
  const all = new Map<string, Entity>();
  for (const entity of [...known, ...events.flatMap((event) => entitiesOf(toCorrelated(event)))]) {
    if (all.size >= ENTITIES_MAX) break;
    all.set(`${entity.kind}:${entity.name}`, entity);
  }
  return [...all.values()].map(({ kind, name }) => ({ kind, name }));
}

async function noteFull(
  tx: Prisma.TransactionClient,
  incidentId: number,
  events: readonly StoredEvent[],
): Promise<void> {
  await tx.incidentEntry.createMany({
    data: [
      {
        incidentId,
        time: events[0]?.time ?? new Date(0),
        kind: 'note',
        actor: 'Eyrie',
        summary: `holds ${EVENTS_MAX} events, which is the limit. Later ones are on the Events page only`,
        lane: 'response',
        dedupeKey: 'full',
      },
    ],
    skipDuplicates: true,
  });
}
