import { Prisma } from '../../prisma/generated/client.ts';
import type { StoredEvent } from '../incidents/event-entry.ts';
import { KINDS, selectEvents } from './select-events.ts';

/** An event older than this on arrival stands in no window any more. */
const TIME_BACK_MS = 7 * 24 * 3600_000;
/** Events that only join are looked for among those that happened since the cursor less this. */
const JOINING_BACK_MS = 60 * 60_000;
const ROWS_MAX = 2_000;
const BATCH_ROWS_MAX = 50_000;

export type NewEvents = {
  readonly events: readonly StoredEvent[];
  /** Where the next read begins; rows remain when `more`. */
  readonly upTo: Date;
  readonly more: boolean;
};

/**
 * Events that arrived after `since` and concern incidents, in the order they happened: all alerts, and,
 * while an incident is open, events of the categories that join one.
 */
export async function readNew(
  tx: Prisma.TransactionClient,
  options: {
    readonly clusterId: string;
    readonly since: Date;
    readonly now: Date;
    readonly anyOpen: boolean;
  },
): Promise<NewEvents> {
  const { clusterId, since, now } = options;
  const arrived = Prisma.sql`cluster_id = ${clusterId} AND received_at > ${since} AND received_at <= ${now}`;
  const alertsFrom = new Date(now.getTime() - TIME_BACK_MS);
  const alerts = await readPage(tx, Prisma.sql`${KINDS.alert} AND ${arrived} AND time > ${alertsFrom}`);
  const joiningFrom = new Date(since.getTime() - JOINING_BACK_MS);
  const joining = options.anyOpen
    ? await readPage(tx, Prisma.sql`${KINDS.joining} AND ${arrived} AND time > ${joiningFrom}`)
    : [];
  // A full page ends where it ends; the other list must not run ahead of it.
  const ends = [alerts, joining]
    .filter((list) => list.length >= ROWS_MAX)
    .map((list) => list.at(-1)?.receivedAt ?? now);
  const upTo = ends.length === 0 ? now : new Date(Math.min(...ends.map(Number)));
  const events = [...alerts, ...joining]
    .filter((event) => event.receivedAt <= upTo)
    .sort((a, b) => a.time.getTime() - b.time.getTime() || (a.id < b.id ? -1 : 1));
  return { events, upTo, more: ends.length > 0 };
}

/** A page by arrival, made whole: a batch arrives at one instant, and a page must not end inside it. */
async function readPage(tx: Prisma.TransactionClient, where: Prisma.Sql): Promise<StoredEvent[]> {
  const order = Prisma.sql`received_at, id`;
  const rows = await selectEvents(tx, { where, order, limit: ROWS_MAX });
  const last = rows.at(-1);
  if (last === undefined || rows.length < ROWS_MAX) return rows;
  const rest = Prisma.sql`${where} AND received_at = ${last.receivedAt} AND id > ${last.id}::uuid`;
  return [...rows, ...(await selectEvents(tx, { where: rest, order, limit: BATCH_ROWS_MAX }))];
}
