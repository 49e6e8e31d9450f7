import type { Command } from '../../prisma/generated/client.ts';
import { requireAgent } from '../agents/enrol.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';

/** The command if it is this agent's and the agent asks. Errors: not_found, forbidden. */
export async function findOwn(
  ctx: Pick<Ctx, 'actor' | 'db' | 'pool'>,
  input: { readonly agentId: string; readonly commandId: string },
): Promise<Command> {
  await requireAgent(ctx, input.agentId);
  const command = await ctx.db.command.findUnique({ where: { id: input.commandId } });
  if (command === null || command.agentId !== input.agentId)
    throw new AppError('not_found', 'This agent has no such command.');
  return command;
}
