import type { z } from 'zod';
import type { CommandPreview, CommandRow, commandRequestSchema } from '../../core/wire/commands.ts';
import { type Command, Prisma } from '../../prisma/generated/client.ts';
import { incidentOf } from '../actions/record.ts';
import { canonicalJson } from '../audit-trail/canonical-json.ts';
import { actorName, requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { toCommandRow } from './command-row.ts';
import { COMMANDS, DELIVER_MS } from './definitions.ts';
import type { Scope } from './locate.ts';
import { PROTECTED_CHECK, planCommand } from './preview.ts';
import { recordStep } from './record.ts';

type Input = z.output<typeof commandRequestSchema>;

/**
 * Confirms a preview: looks again, and stores the command for the agent only when it is still what was shown.
 * Errors: conflict `preview_stale`, `not_allowed`, `idempotency_key`; forbidden `protected_target`.
 */
export async function requestCommand({
  ctx,
  input,
}: {
  readonly ctx: Ctx;
  readonly input: Input;
}): Promise<CommandRow> {
  requireRole(ctx, COMMANDS[input.kind].role);
  const { idempotencyKey } = input;
  const before = await ctx.db.command.findUnique({ where: { idempotencyKey } });
  if (before !== null) return repeated(before, input, ctx.now());
  const { preview, place, params } = await planCommand(ctx, input);
  refuse(preview, input.token);
  if (place.agent === null)
    throw new AppError('conflict', 'No agent can do this.', { reason: 'not_allowed' });
  const target =
    input.target.kind === 'process' ? ({ kind: 'node', name: input.target.node } as const) : input.target;
  const incidentId = await incidentOf(ctx, target, input.incidentId);
  const now = ctx.now();
  const deliverBy = new Date(now.getTime() + DELIVER_MS);
  const data = {
    clusterId: ctx.config.clusterId,
    agentId: place.agent.id,
    node: place.agent.node,
    kind: input.kind,
    target: input.target,
    params: { ...params },
    scope: scopeJson(place.scope),
    actorId: 'id' in ctx.actor ? ctx.actor.id : null,
    actor: actorName(ctx.actor),
    reason: input.reason,
    incidentId,
    undoOf: input.undoOf ?? null,
    idempotencyKey,
    requestedAt: now,
    deliverBy,
    deadline: new Date(deliverBy.getTime() + COMMANDS[input.kind].runMs(params)),
  };
  try {
    const made = await ctx.db.$transaction(async (tx) => {
      const command = await tx.command.create({ data });
      await recordStep(tx, ctx, command, 'request', {
        params: { ...params },
        reason: input.reason,
        incidentId,
      });
      return command;
    });
    return toCommandRow(made, now);
  } catch (err) {
    if (!(err instanceof Prisma.PrismaClientKnownRequestError) || err.code !== 'P2002') throw err;
    return repeated(await ctx.db.command.findUniqueOrThrow({ where: { idempotencyKey } }), input, now);
  }
}

function refuse(preview: CommandPreview, token: string): void {
  const failed = preview.checks.filter(({ state }) => state === 'fail');
  const [first] = failed;
  if (first === undefined) {
    if (token === preview.token) return;
    throw new AppError('conflict', 'Something changed since the preview. Review again.', {
      reason: 'preview_stale',
    });
  }
  const faults = failed.map(({ name, detail }) => ({ path: name, message: detail }));
  if (first.name === PROTECTED_CHECK) {
    throw new AppError('forbidden', `Protected target. ${first.detail}`, {
      reason: 'protected_target',
      faults,
    });
  }
  throw new AppError('conflict', `${first.name}: ${first.detail}`, { reason: 'not_allowed', faults });
}

function repeated(command: Command, input: Input, now: Date): CommandRow {
  const same = command.kind === input.kind && canonicalJson(command.target) === canonicalJson(input.target);
  if (same) return toCommandRow(command, now);
  throw new AppError('conflict', 'This idempotency key was used for another command.', {
    reason: 'idempotency_key',
  });
}

const scopeJson = ({ podUid, containerIds }: Scope) => ({ podUid, containerIds: [...containerIds] });
