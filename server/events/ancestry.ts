import type { PoolClient } from 'pg';
import type { FieldValue } from '../../core/events/event.ts';
import type { EventDetail } from '../../core/wire/events.ts';
import type { FullEvent } from './event-row.ts';

type Process = EventDetail['ancestry'][number];

const CHILDREN_MAX = 50;
/** Children that matter started after the event's process did; a day bounds the look. */
const CHILDREN_MS = 24 * 3600 * 1000;

/**
 * The event's process in its tree: ancestors as the sensor recorded them with the event (oldest first), the
 * process itself, then its children among the stored process starts, alerts first.
 */
export async function readAncestry(
  client: PoolClient,
  input: { readonly clusterId: string; readonly event: FullEvent },
): Promise<Process[]> {
  const { fields, row } = input.event;
  if (row.source !== 'syscall' || row.process === null) return [];
  const above = ancestors(fields);
  const self: Process = {
    pid: row.pid ?? 0,
    name: row.process,
    cmdline: text(fields['proc.cmdline']) ?? row.process,
    user: row.user,
    self: true,
    depth: above.length,
    priority: row.rule === null ? null : row.priority,
    note: text(fields['proc.exepath']) ?? null,
  };
  return [...above, self, ...(await children(client, input, above.length + 1))];
}

/** proc.aname, acmdline and apid are arrays, nearest ancestor first. */
function ancestors(fields: Readonly<Record<string, FieldValue>>): Process[] {
  const names = list(fields['proc.aname']);
  const cmdlines = list(fields['proc.acmdline']);
  const pids = list(fields['proc.apid']);
  return names
    .map((name, index) => ({ name, cmdline: cmdlines[index] ?? name, pid: Number(pids[index] ?? 0) || 0 }))
    .toReversed()
    .map((process, depth) => ({ ...process, user: null, self: false, depth, priority: null, note: null }));
}

async function children(
  client: PoolClient,
  { clusterId, event }: { readonly clusterId: string; readonly event: FullEvent },
  depth: number,
): Promise<Process[]> {
  const { row } = event;
  if (row.pid === null || row.containerId === null) return [];
  const started = new Date(row.time).getTime();
  const found = await client.query<Omit<Process, 'self' | 'depth'>>(
    `SELECT pid, name, cmdline, "user", priority, note FROM (
       SELECT DISTINCT ON (pid) coalesce(pid, 0) AS pid, process AS name,
              coalesce(fields->>'proc.cmdline', process) AS cmdline, "user",
              CASE WHEN rule IS NULL THEN NULL ELSE priority END AS priority, rule AS note, time
         FROM event
        WHERE cluster_id = $1 AND container_id = $2 AND container_id IS NOT NULL
          AND time >= $3 AND time < $4 AND categories @> '{process}' AND process IS NOT NULL
          AND fields->>'proc.ppid' = $5 AND pid IS DISTINCT FROM $6
        ORDER BY pid, rule IS NULL, time) AS child
      ORDER BY note IS NULL, time LIMIT ${CHILDREN_MAX}`,
    [
      clusterId,
      row.containerId,
      new Date(started - 60_000),
      new Date(started + CHILDREN_MS),
      String(row.pid),
      row.pid,
    ],
  );
  return found.rows.map((child) => ({ ...child, self: false, depth }));
}

function list(value: FieldValue | undefined): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  return value === undefined ? [] : [String(value)];
}

function text(value: FieldValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
