import { CATEGORIES, OUTCOMES, SOURCES } from '../../core/events/event.ts';
import type { CorrelatedEvent } from '../../core/incident/correlated-event.ts';
import { entitiesOf, joinKeys } from '../../core/incident/correlation-key.ts';
import type { IncidentEntry, Prisma } from '../../prisma/generated/client.ts';

/** Columns of `event` that incidents read. */
export const EVENT_COLUMNS = {
  shard: true,
  clusterId: true,
  id: true,
  time: true,
  receivedAt: true,
  source: true,
  type: true,
  categories: true,
  outcome: true,
  priority: true,
  rule: true,
  summary: true,
  node: true,
  namespace: true,
  pod: true,
  workload: true,
  serviceAccount: true,
  user: true,
  process: true,
  peer: true,
  object: true,
} as const satisfies Prisma.EventSelect;

export type StoredEvent = Prisma.EventGetPayload<{ select: typeof EVENT_COLUMNS }>;

export function toCorrelated(event: Omit<StoredEvent, 'clusterId' | 'receivedAt'>): CorrelatedEvent {
  const { shard, categories, ...same } = event;
  return {
    ...same,
    id: `${shard}.${event.id}`,
    source: SOURCES.find((source) => source === event.source) ?? 'syscall',
    categories: CATEGORIES.filter((category) => categories.includes(category)),
    outcome: OUTCOMES.find((outcome) => outcome === event.outcome) ?? 'ok',
  };
}

/** The timeline line of an event: a copy, because the event itself goes when its day is retired. */
export function toEntry(event: StoredEvent, incidentId: number): Prisma.IncidentEntryCreateManyInput {
  const { type, categories, workload, serviceAccount, peer } = event;
  return {
    incidentId,
    time: event.time,
    kind: 'event',
    source: event.source,
    priority: event.priority,
    rule: event.rule,
    summary: event.summary,
    lane: laneOf(toCorrelated(event)),
    namespace: event.namespace,
    pod: event.pod,
    node: event.node,
    user: event.user,
    process: event.process,
    object: event.object,
    outcome: event.outcome,
    eventShard: event.shard,
    eventCluster: event.clusterId,
    eventTime: event.time,
    eventId: event.id,
    data: { type, categories, workload, serviceAccount, peer },
    dedupeKey: `event:${event.shard}.${event.id}`,
  };
}

/** Reads an event line back; what the line has no column for stands in `data`. */
export function entryToCorrelated(entry: IncidentEntry): CorrelatedEvent {
  const data = (entry.data ?? {}) as Partial<
    Record<'type' | 'workload' | 'serviceAccount' | 'peer', string | null>
  > & {
    readonly categories?: string[];
  };
  return toCorrelated({
    shard: entry.eventShard ?? 0,
    id: entry.eventId ?? '',
    time: entry.time,
    source: entry.source ?? 'syscall',
    type: data.type ?? '',
    categories: data.categories ?? [],
    outcome: entry.outcome ?? 'ok',
    priority: entry.priority ?? 6,
    rule: entry.rule,
    summary: entry.summary,
    node: entry.node,
    namespace: entry.namespace,
    pod: entry.pod,
    workload: data.workload ?? null,
    serviceAccount: data.serviceAccount ?? null,
    user: entry.user,
    process: entry.process,
    peer: data.peer ?? null,
    object: entry.object,
  });
}

/** Lane of an event: who asked for audit events, the pod or node it happened in otherwise. */
function laneOf(event: CorrelatedEvent): string {
  const [first] = joinKeys(event);
  if (first !== undefined) return first;
  const [entity] = entitiesOf(event);
  return entity === undefined ? event.source : `${entity.kind}:${entity.name}`;
}
