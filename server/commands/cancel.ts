import type { CommandRow } from '../../core/wire/commands.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { toCommandRow } from './command-row.ts';
import { findCommand } from './list.ts';
import { recordStep } from './record.ts';

/**
 * Cancels a command: at once while no agent has started it, else the agent is told to stop at its next
 * heartbeat or report. Errors: not_found, conflict `ended`.
 */
export async function cancelCommand({
  ctx,
  input,
}: {
  readonly ctx: Ctx;
  readonly input: { readonly id: string };
}): Promise<CommandRow> {
  requireRole(ctx, 'responder');
  await findCommand(ctx, input.id);
  const row = await ctx.db.$transaction(async (tx) => {
    const now = ctx.now();
    const early = await tx.command.updateMany({
      where: { id: input.id, state: { in: ['requested', 'delivered'] } },
      data: { state: 'cancelled', cancelRequested: true, endedAt: now },
    });
    const late =
      early.count > 0
        ? { count: 0 }
        : await tx.command.updateMany({
            where: { id: input.id, state: 'running', cancelRequested: false },
            data: { cancelRequested: true },
          });
    const command = await tx.command.findUniqueOrThrow({ where: { id: input.id } });
    if (early.count > 0) await recordStep(tx, ctx, command, 'cancelled');
    else if (late.count > 0) await recordStep(tx, ctx, command, 'cancel');
    return command;
  });
  if (!row.cancelRequested) {
    throw new AppError('conflict', `It cannot be cancelled: it is ${row.state}.`, { reason: 'ended' });
  }
  return toCommandRow(row, ctx.now());
}
