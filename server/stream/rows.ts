import type { Pool } from 'pg';
import type { EventRow } from '../../core/wire/events.ts';
import { ROW_COLUMNS } from '../events/event-row.ts';
import { KPI_PREDICATE } from '../events/scope-sql.ts';

/** Position in the feed: arrival, then id. It is the SSE `id:`, so that a reconnect resumes there. */
export type FeedCursor = { readonly receivedAt: string; readonly id: string };
export type FeedRow = { readonly row: EventRow; readonly cursor: FeedCursor };

/** Late events show in lists; the feed is for what happens. */
const TIME_BACK = '1 hour';
const RECEIVED_SQL = `to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
const ZERO_ID = '00000000-0000-0000-0000-000000000000';

/** Alerts and categorised events that arrived after the cursor, oldest arrival first. */
export async function readFeed(
  pool: Pick<Pool, 'query'>,
  options: { readonly clusterId: string; readonly after: FeedCursor; readonly limit: number },
): Promise<readonly FeedRow[]> {
  const { clusterId, after, limit } = options;
  const shared = `cluster_id = $1 AND time > now() - interval '${TIME_BACK}' AND time <= now() + interval '1 minute'
    AND received_at >= $2::timestamptz AND (received_at, id) > ($2::timestamptz, $3::uuid)`;
  const page = `ORDER BY received_at, id LIMIT $4`;
  const found = await pool.query<EventRow & { receivedAt: string; uuid: string }>({
    name: 'feed',
    // Two lists, so that each can use its own partial index.
    text: `SELECT ${ROW_COLUMNS}, ${RECEIVED_SQL} AS "receivedAt", id AS uuid FROM (
             (SELECT * FROM event WHERE rule IS NOT NULL AND ${shared} ${page})
             UNION ALL
             (SELECT * FROM event WHERE rule IS NULL AND ${KPI_PREDICATE} AND ${shared} ${page})
           ) feed ${page}`,
    values: [clusterId, after.receivedAt, after.id, limit],
  });
  return found.rows.map(({ receivedAt, uuid, ...row }) => ({ row, cursor: { receivedAt, id: uuid } }));
}

/** The end of the feed as of now: what a new reader follows from. */
export function feedEnd(now: Date): FeedCursor {
  return { receivedAt: now.toISOString(), id: ZERO_ID };
}

/**
 * How far what is stored lies behind the nodes: the worst of the agents that are alive, 0 when all their
 * spools are empty, null without any. A quiet cluster is not behind.
 */
export async function readLagMs(pool: Pick<Pool, 'query'>, clusterId: string): Promise<number | null> {
  const found = await pool.query<{ lag: number | null }>({
    name: 'feed-lag',
    text: `SELECT max(CASE WHEN coalesce((spool->>'lastSeq')::numeric, 0) <= acked_seq THEN 0
                           ELSE extract(epoch FROM now() - last_event_at) * 1000 END)::float8 AS lag
             FROM agent WHERE cluster_id = $1 AND last_seen_at > now() - interval '15 seconds'`,
    values: [clusterId],
  });
  const lag = found.rows[0]?.lag;
  return lag == null ? null : Math.max(0, Math.round(lag));
}

export function writeFeedCursor(cursor: FeedCursor): string {
  return `${cursor.receivedAt}_${cursor.id}`;
}

const CURSOR =
  /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{1,6}Z)_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Reads Last-Event-ID; undefined when it is none of ours. */
export function readFeedCursor(text: string | null): FeedCursor | undefined {
  const parts = CURSOR.exec(text ?? '');
  if (parts === null || Number.isNaN(Date.parse(parts[1] ?? ''))) return undefined;
  return { receivedAt: parts[1] ?? '', id: parts[2] ?? '' };
}
