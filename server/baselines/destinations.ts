import type { PoolClient } from 'pg';
import type { Sighting } from './observe.ts';

/** Exact destinations of a workload, and as many networks of those that come after them. */
export const DESTINATIONS_MAX = 2_000;

/** Where one workload connected to; `isNew` when never before, as far as is remembered. */
export type Visit = {
  readonly destination: string;
  readonly isNetwork: boolean;
  readonly isNew: boolean;
  readonly sighting: Sighting;
};
type Place = { readonly workloadId: string; readonly sightings: readonly Sighting[] };

/**
 * Takes down where workloads connected to, and returns the new destinations, earliest first. A workload
 * with too many has the networks of further ones taken down, and after as many of these nothing more.
 */
export async function recordDestinations(
  client: PoolClient,
  places: readonly Place[],
): Promise<ReadonlyMap<string, readonly Visit[]>> {
  const known = await readKnown(client, places);
  const strange = places.filter(({ workloadId, sightings }) =>
    sightings.some(({ destination }) => !known.has(`${workloadId} ${destination.exact}`)),
  );
  const counts = await readCounts(client, strange);
  const result = new Map<string, readonly Visit[]>();
  const all: { readonly workloadId: string; readonly visit: Visit }[] = [];
  for (const { workloadId, sightings } of places) {
    const isKnown = (name: string) => known.has(`${workloadId} ${name}`);
    const visits = visitsOf(sightings, isKnown, counts.get(workloadId) ?? { exact: 0, networks: 0 });
    for (const visit of visits) all.push({ workloadId, visit });
    const fresh = visits.filter(({ isNew }) => isNew);
    if (fresh.length > 0) result.set(workloadId, fresh);
  }
  await store(client, all);
  return result;
}

/** Decides under which name each sighting is remembered; those for which there is no place are left out. */
export function visitsOf(
  sightings: readonly Sighting[],
  isKnown: (name: string) => boolean,
  counts: { readonly exact: number; readonly networks: number },
): readonly Visit[] {
  let { exact, networks } = counts;
  const visits = new Map<string, Visit>();
  for (const sighting of sightings.toSorted((a, b) => a.first.time.getTime() - b.first.time.getTime())) {
    const { destination } = sighting;
    const visit = (name: string, isNetwork: boolean, isNew: boolean) => {
      const earlier = visits.get(name);
      if (earlier === undefined)
        visits.set(name, { destination: name, isNetwork, isNew, sighting: { ...sighting } });
      else earlier.sighting.lastMs = Math.max(earlier.sighting.lastMs, sighting.lastMs);
    };
    if (isKnown(destination.exact)) visit(destination.exact, false, false);
    else if (isKnown(destination.network)) visit(destination.network, true, false);
    else if (exact < DESTINATIONS_MAX) {
      exact += 1;
      visit(destination.exact, false, true);
    } else if (visits.has(destination.network)) visit(destination.network, true, true);
    else if (networks < DESTINATIONS_MAX) {
      networks += 1;
      visit(destination.network, true, true);
    }
  }
  return [...visits.values()];
}

/** `id name` of the exact names and networks that are remembered already. */
async function readKnown(client: PoolClient, places: readonly Place[]): Promise<ReadonlySet<string>> {
  const ids: string[] = [];
  const names: string[] = [];
  for (const { workloadId, sightings } of places) {
    const wanted = new Set(sightings.flatMap(({ destination }) => [destination.exact, destination.network]));
    for (const name of wanted) {
      ids.push(workloadId);
      names.push(name);
    }
  }
  const found = await client.query<{ id: string; name: string }>(
    `SELECT workload_id AS id, destination AS name FROM baseline_destination
       JOIN unnest($1::bigint[], $2::text[]) AS k(id, name) ON workload_id = k.id AND destination = k.name`,
    [ids, names],
  );
  return new Set(found.rows.map(({ id, name }) => `${id} ${name}`));
}

async function readCounts(client: PoolClient, places: readonly Place[]) {
  const found = await client.query<{ id: string; exact: number; networks: number }>(
    `SELECT workload_id AS id, count(*) FILTER (WHERE NOT is_network)::int AS exact,
            count(*) FILTER (WHERE is_network)::int AS networks
       FROM baseline_destination WHERE workload_id = ANY($1::bigint[]) GROUP BY workload_id`,
    [places.map(({ workloadId }) => workloadId)],
  );
  return new Map(found.rows.map(({ id, ...counts }) => [id, counts]));
}

/** A destination that is seen all the time is written once an hour. */
async function store(
  client: PoolClient,
  all: readonly { readonly workloadId: string; readonly visit: Visit }[],
): Promise<void> {
  if (all.length === 0) return;
  await client.query(
    `INSERT INTO baseline_destination AS d (workload_id, destination, is_network, first_at, last_at)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::boolean[], $4::timestamptz[], $5::timestamptz[])
     ON CONFLICT (workload_id, destination) DO UPDATE
       SET first_at = least(d.first_at, EXCLUDED.first_at), last_at = greatest(d.last_at, EXCLUDED.last_at)
     WHERE EXCLUDED.last_at > d.last_at + interval '1 hour' OR EXCLUDED.first_at < d.first_at`,
    [
      all.map(({ workloadId }) => workloadId),
      all.map(({ visit }) => visit.destination),
      all.map(({ visit }) => visit.isNetwork),
      all.map(({ visit }) => visit.sighting.first.time),
      all.map(({ visit }) => new Date(visit.sighting.lastMs)),
    ],
  );
}
