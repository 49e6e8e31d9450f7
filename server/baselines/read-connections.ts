import type { PoolClient } from 'pg';

/** One stored connection, as far as baselines look at it. */
export type Connection = {
  readonly id: string;
  readonly time: Date;
  readonly receivedAt: Date;
  readonly namespace: string;
  readonly workload: string;
  readonly type: string;
  readonly object: string | null;
};

export const PAGE_ROWS = 20_000;
/** Agents that could not send for longer than this bring nothing new to learn. */
const TIME_BACK_MS = 7 * 24 * 3600_000;
const TIME_AHEAD_MS = 24 * 3600_000;
const COLUMNS = `id, time, received_at AS "receivedAt", namespace, workload, type, object`;
/** Names that are no Kubernetes names are not worth a row; event.ts says what a workload looks like. */
const NAMED = `namespace IS NOT NULL AND workload IS NOT NULL AND workload <> ''
  AND octet_length(namespace) <= 253 AND octet_length(workload) <= 320`;

/**
 * Successful connections of workloads that arrived in (since, upTo], by arrival. A batch arrives at one
 * instant, and a page does not end inside it; `end` is where the next page begins.
 */
export async function readConnections(
  client: PoolClient,
  input: { readonly clusterId: string; readonly since: Date; readonly upTo: Date },
): Promise<{ readonly rows: readonly Connection[]; readonly end: Date; readonly more: boolean }> {
  const { clusterId, since, upTo } = input;
  const times = [new Date(since.getTime() - TIME_BACK_MS), new Date(upTo.getTime() + TIME_AHEAD_MS)];
  const read = async (arrived: string, bounds: readonly unknown[], page: string) => {
    const found = await client.query<Connection>(
      `SELECT ${COLUMNS} FROM event
        WHERE cluster_id = $1 AND categories @> '{connection}'::text[] AND source = 'syscall' AND outcome = 'ok'
          AND ${NAMED} AND time > $2 AND time < $3 AND ${arrived} ORDER BY received_at, id ${page}`,
      [clusterId, ...times, ...bounds],
    );
    return found.rows;
  };
  const rows = await read('received_at > $4 AND received_at <= $5', [since, upTo], `LIMIT ${PAGE_ROWS}`);
  const last = rows.at(-1);
  if (last === undefined || rows.length < PAGE_ROWS) return { rows, end: upTo, more: false };
  const rest = await read('received_at = $4 AND id > $5::uuid', [last.receivedAt, last.id], '');
  return { rows: [...rows, ...rest], end: last.receivedAt, more: true };
}
