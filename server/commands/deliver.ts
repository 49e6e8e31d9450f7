import { z } from 'zod';
import { AGENT_COMMANDS_MAX, type AgentCommands, agentCommandSchema } from '../../core/wire/commands.ts';
import { requireAgent } from '../agents/enrol.ts';
import type { Ctx } from '../context.ts';
import { asUnavailable } from '../db/unavailable.ts';

const bodySchema = agentCommandSchema.omit({ remainingMs: true });

/** Whether an agent has something to fetch; every heartbeat asks. */
export async function hasCommands(ctx: Pick<Ctx, 'pool'>, agentId: string): Promise<boolean> {
  const found = await ctx.pool.query({
    name: 'commands-waiting',
    text: `SELECT 1 FROM command WHERE agent_id = $1 AND state IN ('requested', 'delivered', 'running')
              AND (state <> 'running' OR cancel_requested) LIMIT 1`,
    values: [agentId],
  });
  return found.rows.length > 0;
}

/**
 * Hands an agent its waiting commands, and the ones it must stop. The same command is handed out until it is
 * started or expires, so that a lost answer costs nothing; the agent starts each id once.
 */
export async function deliverCommands({
  ctx,
  input,
}: {
  readonly ctx: Ctx;
  readonly input: { readonly agentId: string };
}): Promise<AgentCommands> {
  const now = ctx.now();
  try {
    await requireAgent(ctx, input.agentId);
    await ctx.db.command.updateMany({
      where: { agentId: input.agentId, state: 'requested', deliverBy: { gt: now } },
      data: { state: 'delivered', deliveredAt: now },
    });
    const [waiting, cancelled] = await Promise.all([
      ctx.db.command.findMany({
        where: { agentId: input.agentId, state: 'delivered', deliverBy: { gt: now } },
        orderBy: { requestedAt: 'asc' },
        take: AGENT_COMMANDS_MAX,
      }),
      ctx.db.command.findMany({
        where: { agentId: input.agentId, state: 'running', cancelRequested: true },
        select: { id: true },
        take: 64,
      }),
    ]);
    return {
      commands: waiting.map((command) => ({
        ...bodySchema.parse(command),
        remainingMs: Math.max(0, command.deadline.getTime() - now.getTime()),
      })),
      cancel: z.array(z.uuid()).parse(cancelled.map(({ id }) => id)),
    };
  } catch (err) {
    throw asUnavailable(err);
  }
}
