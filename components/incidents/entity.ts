import type { IncidentRow } from '../../core/wire/incidents.ts';

export type Entity = IncidentRow['entities'][number];

const MARGIN_MS = 5 * 60_000;

/** Events page with exactly this entity's events around the incident. */
export function entityEventsPath(entity: Entity, incident: IncidentRow): string {
  const params = new URLSearchParams(entityFacets(entity));
  params.set('from', new Date(Date.parse(incident.firstEventAt) - MARGIN_MS).toISOString());
  params.set('to', new Date(Date.parse(incident.lastEventAt) + MARGIN_MS).toISOString());
  return `/events?${params}`;
}

/** The pod of an entity named `namespace/name`. */
export function podOf(entity: Entity): { namespace: string; name: string } | undefined {
  const [namespace, name, more] = entity.name.split('/');
  if (entity.kind !== 'pod' || namespace === undefined || name === undefined || more !== undefined)
    return undefined;
  return { namespace, name };
}

function entityFacets({ kind, name }: Entity): Record<string, string> {
  const slash = name.indexOf('/');
  const namespace = slash < 0 ? {} : { 'f.namespace': name.slice(0, slash) };
  const local = name.slice(slash + 1);
  switch (kind) {
    case 'pod':
      return { ...namespace, 'f.pod': local };
    case 'workload':
      return { ...namespace, 'f.workload': local };
    case 'serviceaccount':
      return { 'f.user': slash < 0 ? name : `system:serviceaccount:${name.slice(0, slash)}:${local}` };
    case 'ip':
      return { 'f.peer': name };
    default:
      return { [`f.${kind}`]: name };
  }
}
