import type { PoolClient } from 'pg';
import { z } from 'zod';
import type { FilterNode } from '../../core/filter/ast.ts';
import { EVENT_PAGE_MAX, type EventPage, type EventRow, scopeSchema } from '../../core/wire/events.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { readOnly, tryWithin } from '../db/read-only.ts';
import { AppError } from '../errors.ts';
import { ROW_COLUMNS } from './event-row.ts';
import { readGaps } from './gaps.ts';
import { examine, type Place } from './residual.ts';
import { splitScope } from './rollup-scope-sql.ts';
import { scopeSql, type Where } from './scope-sql.ts';

export const listEventsSchema = scopeSchema.extend({
  limit: z.coerce.number().int().min(1).max(EVENT_PAGE_MAX).default(100),
  cursor: z.string().max(512).optional(),
});
export type ListEvents = z.output<typeof listEventsSchema>;

const PAGE_TIMEOUT_MS = 15_000;
/** An exact count may take this long; after it, counting stops at COUNT_SURE. */
const COUNT_TIMEOUT_MS = 3_000;
const COUNT_SURE = 100_000;

/** Position after the last row, and the counts of the first page, which later pages repeat. */
const cursorSchema = z.tuple([z.iso.datetime(), z.uuid(), z.number().int().nullable(), z.number().int()]);
type Cursor = z.output<typeof cursorSchema>;
type Totals = Pick<EventPage, 'total' | 'totalAtLeast'>;

/** One page of events, newest first. Errors: bad_request for the filter or cursor, unavailable `query_timeout`. */
export async function listEvents({ ctx, input }: { ctx: Ctx; input: ListEvents }): Promise<EventPage> {
  requireRole(ctx, 'viewer');
  const started = performance.now();
  const { clusterId } = ctx.config;
  const where = scopeSql(input, { clusterId });
  const cursor = input.cursor === undefined ? undefined : readCursor(input.cursor);
  const { residual } = where;
  if (residual !== undefined) return examinedPage({ ctx, input, where, residual, cursor, started });
  const page = await readOnly(ctx.pool, { timeoutMs: PAGE_TIMEOUT_MS }, async (client) => {
    const rows = await readRows(client, where, { limit: input.limit + 1, cursor });
    const totals =
      cursor === undefined
        ? await count(client, input, { clusterId, page: rows.length, complete: rows.length <= input.limit })
        : { total: cursor[2], totalAtLeast: cursor[3] };
    return { rows, totals, gaps: await readGaps(client, { clusterId, from: input.from, to: input.to }) };
  });
  const rows = page.rows.slice(0, input.limit);
  const last = page.rows.length > input.limit ? rows.at(-1) : undefined;
  return {
    rows,
    nextCursor: last === undefined ? null : writeCursor(placeOf(last), page.totals),
    ...page.totals,
    tookMs: Math.round(performance.now() - started),
    gaps: page.gaps,
  };
}

/** A page of a filter that SQL decides in part: it may hold fewer rows than asked for, and still not be the last. */
async function examinedPage(of: {
  readonly ctx: Ctx;
  readonly input: ListEvents;
  readonly where: Where;
  readonly residual: FilterNode;
  readonly cursor: Cursor | undefined;
  readonly started: number;
}): Promise<EventPage> {
  const { ctx, input, where, residual, cursor } = of;
  const after = cursor && { time: cursor[0], id: cursor[1] };
  return readOnly(ctx.pool, { timeoutMs: PAGE_TIMEOUT_MS }, async (client) => {
    const result = await examine(client, where, { residual, after, wanted: input.limit });
    const rows = await readRows(client, result.where, { limit: input.limit, cursor: undefined });
    const atLeast = (cursor?.[3] ?? 0) + rows.length;
    const totals: Totals = { total: result.stoppedAt ? null : atLeast, totalAtLeast: atLeast };
    return {
      rows,
      nextCursor: result.stoppedAt ? writeCursor(result.stoppedAt, totals) : null,
      ...totals,
      examined: result.examined,
      tookMs: Math.round(performance.now() - of.started),
      gaps: await readGaps(client, { clusterId: ctx.config.clusterId, from: input.from, to: input.to }),
    };
  });
}

async function readRows(
  client: PoolClient,
  where: Where,
  options: { readonly limit: number; readonly cursor: Cursor | undefined },
): Promise<EventRow[]> {
  const params = [...where.params, options.limit];
  let after = '';
  if (options.cursor !== undefined) {
    const [time, id] = options.cursor;
    params.push(time, id);
    after = ` AND (time, id) < ($${params.length - 1}::timestamptz, $${params.length}::uuid)`;
  }
  const found = await client.query<EventRow>(
    `SELECT ${ROW_COLUMNS} FROM event WHERE ${where.sql}${after}
      ORDER BY event.time DESC, event.id DESC LIMIT $${where.params.length + 1}`,
    params,
  );
  return found.rows;
}

/** The exact number: from the minute counts where they can answer, else counted unless that takes too long. */
async function count(
  client: PoolClient,
  input: ListEvents,
  seen: { readonly clusterId: string; readonly page: number; readonly complete: boolean },
): Promise<Totals> {
  if (seen.complete) return { total: seen.page, totalAtLeast: seen.page };
  const { rollup, events } = splitScope(input, { clusterId: seen.clusterId });
  let atLeast = 0;
  if (rollup !== undefined) {
    const found = await client.query<{ n: string | null }>(
      `SELECT sum(count) AS n FROM event_rollup WHERE ${rollup.sql}`,
      [...rollup.params],
    );
    atLeast = Number(found.rows[0]?.n ?? 0);
  }
  for (const where of events) {
    const exact = await tryWithin(client, COUNT_TIMEOUT_MS, () => countEvents(client, where, ''));
    if (exact !== undefined) {
      atLeast += exact;
      continue;
    }
    const sure = await tryWithin(client, COUNT_TIMEOUT_MS, () =>
      countEvents(client, where, ` LIMIT ${COUNT_SURE}`),
    );
    return { total: null, totalAtLeast: Math.max(seen.page, atLeast + (sure ?? 0)) };
  }
  return { total: atLeast, totalAtLeast: atLeast };
}

async function countEvents(client: PoolClient, where: Where, limit: string): Promise<number> {
  const found = await client.query<{ n: string }>(
    `SELECT count(*) AS n FROM (SELECT 1 FROM event WHERE ${where.sql}${limit}) scoped`,
    [...where.params],
  );
  return Number(found.rows[0]?.n ?? 0);
}

function placeOf({ time, id }: EventRow): Place {
  return { time, id: id.slice(id.indexOf('.') + 1) };
}

function writeCursor(last: Place, totals: Totals): string {
  const cursor: Cursor = [last.time, last.id, totals.total, totals.totalAtLeast];
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

function readCursor(text: string): Cursor {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch (err) {
    throw new AppError('bad_request', 'The cursor is not one of this list.', {
      reason: 'cursor_invalid',
      cause: err,
    });
  }
}
