import type { PoolClient } from 'pg';
import type { FilterRecord } from '../../core/fields/virtual.ts';
import type { FilterNode } from '../../core/filter/ast.ts';
import { compileRecordFilter } from '../../core/filter/compile.ts';
import { AppError } from '../errors.ts';
import type { Where } from './scope-sql.ts';

/** Events read for a filter that SQL decides in part: about 2 kB each, so many at a time. */
export const EXAMINED_MAX = 20_000;
const CHUNK_ROWS = 1_000;

/** What a filter over stored events can read, under the names of EventRecord. */
const RECORD_COLUMNS = `source, type, categories, outcome, priority, rule, tags, summary, node, namespace, pod,
  pod_uid AS "podUid", container, container_id AS "containerId", image, workload,
  service_account AS "serviceAccount", "user", process, pid, peer, object, fields`;

export type Place = { readonly time: string; readonly id: string };

export type Examined = {
  /** The condition for exactly the events that were found. */
  readonly where: Where;
  readonly found: number;
  readonly examined: number;
  /** Where reading stopped before the end of the scope. */
  readonly stoppedAt: Place | undefined;
};

/**
 * Decides in the closure what SQL left open: reads the events that may match, newest first, until `wanted` are
 * found, EXAMINED_MAX are read or there are no more.
 */
export async function examine(
  client: PoolClient,
  where: Where,
  options: { readonly residual: FilterNode; readonly after?: Place | undefined; readonly wanted?: number },
): Promise<Examined> {
  const holds = compileRecordFilter(options.residual);
  const wanted = options.wanted ?? Number.POSITIVE_INFINITY;
  const ids: string[] = [];
  let examined = 0;
  let last = options.after;
  let newest: string | undefined;
  let oldest: string | undefined;
  let more = true;
  while (more && examined < EXAMINED_MAX && ids.length < wanted) {
    const rows = await readChunk(client, where, last);
    more = rows.length === CHUNK_ROWS;
    for (const row of rows) {
      examined++;
      last = row.place;
      if (holds(row.record)) {
        ids.push(row.place.id);
        newest ??= row.place.time;
        oldest = row.place.time;
      }
      if (ids.length >= wanted) {
        more = true;
        break;
      }
    }
  }
  const params = [...where.params, ids, newest ?? null, oldest ?? null];
  const [id, to, from] = [2, 1, 0].map((back) => `$${params.length - back}`);
  const sql = `${where.sql} AND time <= ${to}::timestamptz AND time >= ${from}::timestamptz AND id = ANY(${id}::uuid[])`;
  return { where: { sql, params }, found: ids.length, examined, stoppedAt: more ? last : undefined };
}

/** As `examine`, for an answer that must cover the whole scope. Errors: bad_request `filter_list_only`. */
export async function examineAll(client: PoolClient, where: Where): Promise<Where> {
  if (where.residual === undefined) return where;
  const result = await examine(client, where, { residual: where.residual });
  if (result.stoppedAt === undefined) return result.where;
  const { line, column } = where.residual.pos;
  const message = `this part is decided event by event: more than ${EXAMINED_MAX} events would have to be read`;
  throw new AppError('bad_request', `The filter works here over a shorter time only: ${message}.`, {
    reason: 'filter_list_only',
    faults: [{ path: 'q', line, column, message }],
  });
}

type Chunk = { readonly place: Place; readonly record: FilterRecord };

async function readChunk(client: PoolClient, where: Where, after: Place | undefined): Promise<Chunk[]> {
  const params = [...where.params];
  let next = '';
  if (after !== undefined) {
    params.push(after.time, after.id);
    next = ` AND (time, id) < ($${params.length - 1}::timestamptz, $${params.length}::uuid)`;
  }
  const found = await client.query<Record<string, unknown> & { at: string; event_id: string }>(
    `SELECT to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, id AS event_id, ${RECORD_COLUMNS}
       FROM event WHERE ${where.sql}${next} ORDER BY event.time DESC, event.id DESC LIMIT ${CHUNK_ROWS}`,
    params,
  );
  return found.rows.map(({ at, event_id: id, ...columns }) => ({
    place: { time: at, id },
    record: present(columns),
  }));
}

/** Without what the event lacks: a record says so by leaving it out. */
function present(columns: Record<string, unknown>): FilterRecord {
  const entries = Object.entries(columns).filter(([, value]) => value !== null);
  return { fields: {}, ...Object.fromEntries(entries) };
}
