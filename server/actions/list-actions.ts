import { z } from 'zod';
import type { ActionPage, ActionRow } from '../../core/wire/actions.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { toActionRow } from './action-row.ts';

const PAGE = 50;
const cursorSchema = z.tuple([z.iso.datetime(), z.uuid()]);

/** Actions, newest first, 50 a page. */
export async function listActions({
  ctx,
  input,
}: {
  readonly ctx: Ctx;
  readonly input: { readonly cursor?: string | undefined };
}): Promise<ActionPage> {
  requireRole(ctx, 'viewer');
  const after = input.cursor === undefined ? undefined : readCursor(input.cursor);
  const rows = await ctx.db.action.findMany({
    ...(after === undefined
      ? {}
      : {
          where: { OR: [{ startedAt: { lt: after.time } }, { startedAt: after.time, id: { lt: after.id } }] },
        }),
    orderBy: [{ startedAt: 'desc' }, { id: 'desc' }],
    take: PAGE + 1,
  });
  const shown = rows.slice(0, PAGE);
  const last = shown.at(-1);
  return {
    rows: shown.map(toActionRow),
    nextCursor: rows.length > PAGE && last !== undefined ? writeCursor(last.startedAt, last.id) : null,
  };
}

/** One action. Errors: not_found. */
export async function getAction({
  ctx,
  input,
}: {
  readonly ctx: Ctx;
  readonly input: { readonly id: string };
}): Promise<ActionRow> {
  requireRole(ctx, 'viewer');
  const action = await ctx.db.action.findUnique({ where: { id: input.id } });
  if (action === null) throw new AppError('not_found', 'There is no such action.');
  return toActionRow(action);
}

/** Milliseconds are the stored precision: startedAt is always written by the application. */
function writeCursor(time: Date, id: string): string {
  return Buffer.from(JSON.stringify([time.toISOString(), id])).toString('base64url');
}

function readCursor(cursor: string): { readonly time: Date; readonly id: string } {
  try {
    const [time, id] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { time: new Date(time), id };
  } catch {
    throw new AppError('bad_request', 'The cursor is not one of this list.', { reason: 'cursor' });
  }
}
