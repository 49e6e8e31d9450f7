import { z } from 'zod';
import type { CommandPage, CommandRow } from '../../core/wire/commands.ts';
import type { Command, Prisma } from '../../prisma/generated/client.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { toCommandRow } from './command-row.ts';

const PAGE = 50;
const cursorSchema = z.tuple([z.iso.datetime(), z.uuid()]);

export const listCommandsQuery = z.object({
  cursor: z.string().max(512).optional(),
  node: z.string().max(253).optional(),
  incidentId: z.coerce.number().int().positive().optional(),
});

/** Commands, newest first, 50 a page. */
export async function listCommands({
  ctx,
  input,
}: {
  readonly ctx: Ctx;
  readonly input: z.output<typeof listCommandsQuery>;
}): Promise<CommandPage> {
  requireRole(ctx, 'viewer');
  const where: Prisma.CommandWhereInput = {
    clusterId: ctx.config.clusterId,
    ...(input.node === undefined ? {} : { node: input.node }),
    ...(input.incidentId === undefined ? {} : { incidentId: input.incidentId }),
    ...(input.cursor === undefined ? {} : after(input.cursor)),
  };
  const rows = await ctx.db.command.findMany({
    where,
    orderBy: [{ requestedAt: 'desc' }, { id: 'desc' }],
    take: PAGE + 1,
  });
  const shown = rows.slice(0, PAGE);
  const last = shown.at(-1);
  const now = ctx.now();
  return {
    rows: shown.map((row) => toCommandRow(row, now)),
    nextCursor:
      rows.length > PAGE && last !== undefined
        ? Buffer.from(JSON.stringify([last.requestedAt.toISOString(), last.id])).toString('base64url')
        : null,
  };
}

/** One command. Errors: not_found. */
export async function getCommand({
  ctx,
  input,
}: {
  readonly ctx: Ctx;
  readonly input: { readonly id: string };
}): Promise<CommandRow> {
  requireRole(ctx, 'viewer');
  return toCommandRow(await findCommand(ctx, input.id), ctx.now());
}

export async function findCommand(ctx: Pick<Ctx, 'db' | 'config'>, id: string): Promise<Command> {
  const command = await ctx.db.command.findFirst({ where: { id, clusterId: ctx.config.clusterId } });
  if (command === null) throw new AppError('not_found', 'There is no such command.');
  return command;
}

function after(cursor: string): Prisma.CommandWhereInput {
  try {
    const [time, id] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    const requestedAt = new Date(time);
    return { OR: [{ requestedAt: { lt: requestedAt } }, { requestedAt, id: { lt: id } }] };
  } catch {
    throw new AppError('bad_request', 'The cursor is not one of this list.', { reason: 'cursor' });
  }
}
