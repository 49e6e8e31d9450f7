import type { Command, Prisma } from '../../prisma/generated/client.ts';
import type { Ctx } from '../context.ts';
import { recordStep } from './record.ts';

/** The agent ends a command at its deadline and then has this long to say so. */
const GRACE_MS = 30_000;
const BATCH = 100;
const KEPT_MS = 90 * 24 * 3_600_000;
/** Files of commands together; the oldest go first. */
export const STORE_BYTES_MAX = 4 * 1024 * 1024 * 1024;

/** Ends commands whose time is over, and deletes files that are too old or too many. */
export async function settleCommands(ctx: Ctx, storeBytesMax = STORE_BYTES_MAX): Promise<void> {
  const now = ctx.now();
  const late = await ctx.db.command.findMany({
    where: {
      OR: [
        { state: { in: ['requested', 'delivered'] }, deliverBy: { lte: now } },
        { state: 'running', deadline: { lte: new Date(now.getTime() - GRACE_MS) } },
      ],
    },
    take: BATCH,
  });
  for (const command of late) await settle(ctx, command, now);
  await forget(ctx, storeBytesMax);
}

async function settle(ctx: Ctx, command: Command, now: Date): Promise<void> {
  const running = command.state === 'running';
  const state = running ? (command.cancelRequested ? 'cancelled' : 'failed') : 'expired';
  const error = running
    ? 'The agent did not report the end in time.'
    : 'The agent did not fetch the command in time.';
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.command.updateMany({
      where: { id: command.id, state: command.state },
      data: { state, error, endedAt: now },
    });
    if (count === 0) return;
    await tx.commandChunk.deleteMany({ where: { commandId: command.id } });
    await recordStep(tx, ctx, { ...command, state, error }, state, { error });
  });
}

async function forget(ctx: Ctx, storeBytesMax: number): Promise<void> {
  const oldest = new Date(ctx.now().getTime() - KEPT_MS);
  const found = await ctx.db.$queryRaw<{ id: string }[]>`
    SELECT id FROM (
      SELECT id, requested_at, sum(artifact_bytes) OVER (ORDER BY requested_at DESC, id DESC) AS total
        FROM command WHERE artifact_kept) kept
     WHERE requested_at < ${oldest} OR total > ${storeBytesMax} LIMIT ${BATCH}`;
  for (const { id } of found) {
    await ctx.db.$transaction(async (tx: Prisma.TransactionClient) => {
      const { count } = await tx.command.updateMany({
        where: { id, artifactKept: true },
        data: { artifactKept: false },
      });
      if (count === 0) return;
      await tx.commandChunk.deleteMany({ where: { commandId: id } });
      await recordStep(tx, ctx, await tx.command.findUniqueOrThrow({ where: { id } }), 'forget');
    });
  }
}
