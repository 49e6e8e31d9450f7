import type { PoolClient } from 'pg';
import type { EventDetail, EventRow } from '../../core/wire/events.ts';
import { type FullEvent, ROW_COLUMNS } from './event-row.ts';

type Around = { readonly clusterId: string; readonly event: FullEvent };

const WINDOW_MS = 5 * 60_000;
const NETWORK_MAX = 50;
const RELATED_MAX = 20;

/** Connections of the same container within five minutes before and after, collapsed per process and peer. */
export async function readNetwork(
  client: PoolClient,
  { clusterId, event }: Around,
): Promise<EventDetail['network']> {
  const { containerId } = event.row;
  if (containerId === null) return [];
  const found = await client.query<EventDetail['network'][number] & { lastAt: Date; count: string }>(
    `SELECT CASE WHEN type LIKE 'accept%' THEN 'in' ELSE 'out' END AS direction, peer,
            substring(object FROM ':([0-9]{1,5})$')::int AS port, process, count(*) AS count,
            max(time) AS "lastAt", min(priority) AS priority
       FROM event
      WHERE cluster_id = $1 AND container_id = $2 AND container_id IS NOT NULL AND time >= $3 AND time < $4
        AND categories @> '{connection}' AND peer IS NOT NULL
      GROUP BY 1, 2, 3, 4 ORDER BY max(time) DESC LIMIT ${NETWORK_MAX}`,
    [clusterId, containerId, ...windowOf(event)],
  );
  return found.rows.map((row) => ({ ...row, count: Number(row.count), lastAt: row.lastAt.toISOString() }));
}

/** Other events of the same pod, container or user within five minutes before and after, alerts first. */
export async function readRelated(client: PoolClient, { clusterId, event }: Around): Promise<EventRow[]> {
  const { row } = event;
  const same: string[] = [];
  const params: unknown[] = [clusterId, ...windowOf(event)];
  const add = (value: unknown) => `$${params.push(value)}`;
  if (row.containerId !== null) same.push(`container_id = ${add(row.containerId)}`);
  if (row.pod !== null && row.namespace !== null) {
    same.push(`(namespace IS NOT NULL AND namespace = ${add(row.namespace)} AND pod = ${add(row.pod)})`);
  }
  // A login name of a node is shared by everything on it; a Kubernetes user is somebody.
  if (row.user !== null && row.source === 'k8s_audit') same.push(`"user" = ${add(row.user)}`);
  if (same.length === 0) return [];
  const id = row.id.slice(row.id.indexOf('.') + 1);
  const found = await client.query<EventRow>(
    `SELECT ${ROW_COLUMNS} FROM event
      WHERE cluster_id = $1 AND event.time >= $2 AND event.time < $3 AND (${same.join(' OR ')})
        AND event.id <> ${add(id)}
      ORDER BY rule IS NULL, priority, abs(extract(epoch FROM event.time - ${add(row.time)}::timestamptz))
      LIMIT ${RELATED_MAX}`,
    params,
  );
  return found.rows;
}

function windowOf(event: FullEvent): readonly [Date, Date] {
  const time = new Date(event.row.time).getTime();
  return [new Date(time - WINDOW_MS), new Date(time + WINDOW_MS)];
}
