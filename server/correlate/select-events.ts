import { JOINING_CATEGORIES } from '../../core/incident/correlated-event.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import { KPI_PREDICATE } from '../events/scope-sql.ts';
import { EVENT_COLUMNS, type StoredEvent } from '../incidents/event-entry.ts';

const COLUMNS = Prisma.raw(
  Object.keys(EVENT_COLUMNS)
    .map((name) => `"${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}" AS "${name}"`)
    .join(', '),
);

/**
 * The two kinds of events that concern incidents. Each names the predicate of its partial index word for word:
 * an array that comes as a parameter would make the planner read every event of the time range.
 */
export const KINDS = {
  alert: Prisma.sql`rule IS NOT NULL`,
  joining: Prisma.sql`rule IS NULL AND ${Prisma.raw(KPI_PREDICATE)} AND categories && ${[...JOINING_CATEGORIES]}`,
} as const;

/** Reads events with the columns that incidents need; `where` and `order` are trusted SQL with parameters. */
export function selectEvents(
  tx: Prisma.TransactionClient,
  query: { readonly where: Prisma.Sql; readonly order: Prisma.Sql; readonly limit: number },
): Promise<StoredEvent[]> {
  return tx.$queryRaw<StoredEvent[]>`
    SELECT ${COLUMNS} FROM event WHERE ${query.where} ORDER BY ${query.order} LIMIT ${query.limit}`;
}
