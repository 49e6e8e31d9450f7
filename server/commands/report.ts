import { createHash } from 'node:crypto';
import type { Artifact, CommandReport } from '../../core/wire/commands.ts';
import type { Command, Prisma } from '../../prisma/generated/client.ts';
import type { Ctx } from '../context.ts';
import { asUnavailable } from '../db/unavailable.ts';
import { AppError } from '../errors.ts';
import { readChunks } from './artifact.ts';
import { findOwn } from './own-command.ts';
import { recordStep } from './record.ts';
import { statesBefore } from './states.ts';

type Input = { readonly agentId: string; readonly commandId: string; readonly report: CommandReport };

/**
 * Takes what an agent says of one of its commands. `running` asks for the right to start: only an answer
 * `goOn: true` gives it. A repeated or late report changes nothing. Errors: not_found, conflict `artifact`.
 */
export async function reportCommand({
  ctx,
  input,
}: {
  readonly ctx: Ctx;
  readonly input: Input;
}): Promise<{ goOn: boolean }> {
  try {
    const command = await findOwn(ctx, input);
    return input.report.state === 'running'
      ? await begin(ctx, command)
      : await end(ctx, command, input.report);
  } catch (err) {
    throw asUnavailable(err);
  }
}

async function begin(ctx: Ctx, { id }: Command): Promise<{ goOn: boolean }> {
  return await ctx.db.$transaction(async (tx) => {
    const now = ctx.now();
    const { count } = await tx.command.updateMany({
      where: { id, state: { in: ['requested', 'delivered'] }, deliverBy: { gt: now } },
      data: { state: 'running', startedAt: now },
    });
    const command = await tx.command.findUniqueOrThrow({ where: { id } });
    if (count > 0) await recordStep(tx, ctx, command, 'running');
    return { goOn: command.state === 'running' && !command.cancelRequested && command.deadline > now };
  });
}

async function end(ctx: Ctx, before: Command, report: CommandReport): Promise<{ goOn: boolean }> {
  if (!statesBefore('done').includes(before.state as 'running')) return { goOn: false };
  const { artifact } = report;
  if (artifact !== undefined) await verifyArtifact(ctx, before, artifact);
  const state = report.state === 'running' ? 'failed' : report.state;
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.command.updateMany({
      where: { id: before.id, state: { in: statesBefore(state) } },
      data: {
        state,
        endedAt: ctx.now(),
        summary: report.summary ?? null,
        notes: report.notes ?? [],
        error: report.error ?? null,
        ...(artifact === undefined ? {} : { artifact, artifactKept: true }),
      },
    });
    if (count === 0) return;
    if (artifact === undefined) await tx.commandChunk.deleteMany({ where: { commandId: before.id } });
    const command = await tx.command.findUniqueOrThrow({ where: { id: before.id } });
    if (state === 'done' && command.undoOf !== null) {
      await tx.command.updateMany({
        where: { id: command.undoOf, undoneBy: null },
        data: { undoneBy: command.id },
      });
    }
    const detail: Prisma.InputJsonObject = {
      summary: command.summary,
      error: command.error,
      ...(artifact === undefined ? {} : { artifact }),
    };
    await recordStep(tx, ctx, command, state, detail);
  });
  return { goOn: false };
}

/** What is stored must be what the agent hashed: evidence that was cut or changed on its way is refused. */
async function verifyArtifact(ctx: Ctx, command: Command, artifact: Artifact): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of readChunks(ctx, command.id)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  if (bytes === artifact.bytes && hash.digest('hex') === artifact.sha256) return;
  throw new AppError(
    'conflict',
    `The artifact arrived with ${bytes} of ${artifact.bytes} bytes or changed.`,
    {
      reason: 'artifact',
    },
  );
}
