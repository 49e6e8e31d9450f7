import { AFTER_MS, BEFORE_MS, type EntryProcess, type ExecRequest } from '../../core/incident/acting-user.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import { TIME_SQL } from '../events/event-row.ts';

/** The other half may arrive this much later and is still found. */
const APART_MS = 24 * 3600_000;
const ROWS_MAX = 2_000;
const IS_EXEC = Prisma.raw(
  `source = 'k8s_audit' AND categories @> '{exec}'::text[] AND outcome = 'ok' AND namespace IS NOT NULL
   AND pod IS NOT NULL AND "user" IS NOT NULL`,
);
const HAS_ENTRY = Prisma.raw(
  `fields->>'container.entry.ts' IS NOT NULL AND container_id IS NOT NULL
   AND namespace IS NOT NULL AND pod IS NOT NULL`,
);

export type StoredEntry = EntryProcess & { readonly isLabelled: boolean };

type Arrived = { readonly clusterId: string; readonly since: Date; readonly now: Date };
type Tx = Prisma.TransactionClient;

/** Requests that arrived after `since`. */
export function newRequests(tx: Tx, { clusterId, since, now }: Arrived): Promise<ExecRequest[]> {
  return requests(
    tx,
    Prisma.sql`cluster_id = ${clusterId} AND received_at > ${since} AND received_at <= ${now}
      AND time > ${new Date(since.getTime() - APART_MS)}`,
  );
}

/** Processes of whose tree something arrived after `since`. */
export function newEntries(tx: Tx, { clusterId, since, now }: Arrived): Promise<StoredEntry[]> {
  return entries(
    tx,
    Prisma.sql`cluster_id = ${clusterId} AND received_at > ${since} AND received_at <= ${now}
      AND time > ${new Date(since.getTime() - APART_MS)}`,
  );
}

/** Requests that any of the processes may come from. */
export async function requestsFor(
  tx: Tx,
  clusterId: string,
  list: readonly EntryProcess[],
): Promise<ExecRequest[]> {
  if (list.length === 0) return [];
  const windows = list.map(
    ({ namespace, pod, timeMs }) =>
      Prisma.sql`(namespace = ${namespace} AND pod = ${pod} AND time >= ${new Date(timeMs - AFTER_MS)}
        AND time <= ${new Date(timeMs + BEFORE_MS)})`,
  );
  return requests(tx, Prisma.sql`cluster_id = ${clusterId} AND (${Prisma.join(windows, ' OR ')})`);
}

/** Processes that any of the requests may have started, of whose tree something is stored. */
export async function entriesFor(
  tx: Tx,
  clusterId: string,
  list: readonly ExecRequest[],
): Promise<StoredEntry[]> {
  if (list.length === 0) return [];
  const windows = list.map(({ namespace, pod, timeMs }) => {
    // Nanoseconds since the epoch have 19 digits until the year 2286, so texts compare as the numbers do.
    const [from, to] = [timeMs - BEFORE_MS, timeMs + AFTER_MS + 1];
    return Prisma.sql`(namespace = ${namespace} AND pod = ${pod} AND time >= ${new Date(from)}
      AND time <= ${new Date(timeMs + APART_MS)}
      AND fields->>'container.entry.ts' COLLATE "C" BETWEEN ${`${from}000000`} AND ${`${to}000000`})`;
  });
  return entries(tx, Prisma.sql`cluster_id = ${clusterId} AND (${Prisma.join(windows, ' OR ')})`);
}

type RequestRow = Pick<ExecRequest, 'audit' | 'user' | 'ip' | 'namespace' | 'pod' | 'container'> & {
  readonly time: Date;
  readonly uri: string | null;
  readonly groups: unknown;
};

async function requests(tx: Tx, where: Prisma.Sql): Promise<ExecRequest[]> {
  const rows = await tx.$queryRaw<RequestRow[]>`
    SELECT shard || '.' || id || '@' || ${Prisma.raw(TIME_SQL)} AS audit, time, "user", peer AS ip, namespace, pod,
           container, raw->>'requestURI' AS uri, raw->'user'->'groups' AS groups
      FROM event WHERE ${IS_EXEC} AND ${where} ORDER BY time LIMIT ${ROWS_MAX}`;
  return rows.map(({ time, uri, groups, ...same }) => ({
    ...same,
    timeMs: time.getTime(),
    groups: Array.isArray(groups) ? groups.filter((one) => typeof one === 'string').slice(0, 64) : [],
    command: commandOf(uri),
  }));
}

function commandOf(uri: string | null): string | null {
  const question = uri?.indexOf('?') ?? -1;
  if (uri === null || question < 0) return null;
  const words = new URLSearchParams(uri.slice(question + 1)).getAll('command');
  return words.length === 0 ? null : words.join(' ');
}

type EntryRow = Omit<StoredEntry, 'timeMs' | 'pid'> & { readonly pid: string };

async function entries(tx: Tx, where: Prisma.Sql): Promise<StoredEntry[]> {
  const rows = await tx.$queryRaw<EntryRow[]>`
    SELECT container_id AS "containerId", fields->>'container.entry.pid' AS pid,
           fields->>'container.entry.ts' AS "timeNs", namespace, pod, max(container) AS container,
           max(coalesce(fields->>'container.entry.cmdline', '')) AS cmdline,
           bool_or(fields->>'k8s.user' IS NOT NULL) AS "isLabelled"
      FROM event WHERE ${HAS_ENTRY} AND ${where}
     GROUP BY 1, 2, 3, 4, 5 LIMIT ${ROWS_MAX}`;
  return rows.flatMap((row) =>
    /^\d{1,19}$/.test(row.timeNs) && /^\d{1,10}$/.test(row.pid)
      ? [{ ...row, pid: Number(row.pid), timeMs: Number(row.timeNs) / 1e6 }]
      : [],
  );
}
