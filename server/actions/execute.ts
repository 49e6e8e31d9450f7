import type { z } from 'zod';
import type { ActionRow, executeRequestSchema, Preview } from '../../core/wire/actions.ts';
import { type Action, Prisma } from '../../prisma/generated/client.ts';
import { appendAudit } from '../audit-trail/append.ts';
import { actorName, requireRole } from '../auth/require-role.ts';
import type { KubeApi } from '../cluster/kube-api.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { toActionRow } from './action-row.ts';
import { applyChanges, ChangedError } from './apply.ts';
import { ACTIONS } from './definitions.ts';
import { isScheduleApplied } from './node-schedule.ts';
import { type Plan, targetName } from './plan.ts';
import { planAndPreview } from './preview.ts';
import { probeBefore, proveInBackground } from './prove.ts';
import { PROTECTED_CHECK } from './quarantine.ts';
import { addActionEntry, incidentOf, notify } from './record.ts';
import { UNCHANGED_CHECK } from './release.ts';

type Request = z.output<typeof executeRequestSchema>;

/**
 * Confirms a preview: plans again, and acts only when the plan is still the one that was shown.
 * Errors: conflict `preview_stale`, `not_allowed`, `changed_since`; forbidden `protected_target`.
 */
export async function executeAction({
  ctx,
  input,
}: {
  readonly ctx: Ctx;
  readonly input: Request;
}): Promise<ActionRow> {
  requireRole(ctx, 'responder');
  return await runAction({ ctx, input, token: input.token, undoOf: undefined });
}

/** The one way an action runs; undo comes without a token, because it shows no preview. */
export async function runAction(options: {
  readonly ctx: Ctx;
  readonly input: Omit<Request, 'token'>;
  readonly token: string | null;
  readonly undoOf: Action | undefined;
}): Promise<ActionRow> {
  const { ctx, input, undoOf } = options;
  const before = await ctx.db.action.findUnique({ where: { idempotencyKey: input.idempotencyKey } });
  if (before !== null) return repeated(before, input);
  const { plan, preview, api } = await planAndPreview({ ctx, input, undoOf });
  const refusal = whyRefused(preview, options.token);
  if (refusal !== undefined) {
    // The same request may have acted while this one was planning: then it is not refused but repeated.
    const meanwhile = await ctx.db.action.findUnique({ where: { idempotencyKey: input.idempotencyKey } });
    if (meanwhile !== null) return repeated(meanwhile, input);
    throw refusal;
  }
  const incidentId = await incidentOf(ctx, input.target, input.incidentId);
  const started = await start({ ...options, plan, preview, incidentId });
  if (started.fresh === false) return repeated(started.action, input);
  return toActionRow(await carryOut({ ctx, api, plan, action: started.action, input, undoOf }));
}

async function start(options: {
  readonly ctx: Ctx;
  readonly input: Omit<Request, 'token'>;
  readonly undoOf: Action | undefined;
  readonly plan: Plan;
  readonly preview: object;
  readonly incidentId: number | null;
}): Promise<{ readonly fresh: boolean; readonly action: Action }> {
  const { ctx, input, undoOf, plan, incidentId } = options;
  try {
    const action = await ctx.db.$transaction(async (tx) => {
      const made = await tx.action.create({
        data: {
          kind: input.action,
          target: input.target,
          proof: input.action === 'quarantine' ? 'unproven' : 'not_applicable',
          actorId: 'id' in ctx.actor ? ctx.actor.id : null,
          actor: actorName(ctx.actor),
          reason: input.reason,
          incidentId,
          preview: options.preview,
          preImage: plan.preImage,
          postImage: plan.postImage,
          undoOf: undoOf?.id ?? null,
          idempotencyKey: input.idempotencyKey,
          startedAt: ctx.now(),
        },
      });
      await notify(tx, { t: 'action', id: made.id });
      await audit(tx, ctx, made, 'start', { reason: made.reason, incidentId, undoOf: made.undoOf });
      return made;
    });
    return { fresh: true, action };
  } catch (err) {
    if (!(err instanceof Prisma.PrismaClientKnownRequestError) || err.code !== 'P2002') throw err;
    const { idempotencyKey } = input;
    return { fresh: false, action: await ctx.db.action.findUniqueOrThrow({ where: { idempotencyKey } }) };
  }
}

async function carryOut(options: {
  readonly ctx: Ctx;
  readonly api: KubeApi;
  readonly plan: Plan;
  readonly action: Action;
  readonly input: Omit<Request, 'token'>;
  readonly undoOf: Action | undefined;
}): Promise<Action> {
  const { ctx, api, plan, action, input, undoOf } = options;
  const { target } = input;
  const probe =
    input.action === 'quarantine' && target.kind === 'pod' ? await probeBefore(api, target) : undefined;
  try {
    await applyChanges(api, plan.changes);
  } catch (err) {
    await fail({ ctx, action, input, why: err instanceof Error ? err.message.slice(0, 1_000) : 'unknown' });
    if (err instanceof ChangedError) {
      throw new AppError('conflict', `${err.message}. Review again.`, { reason: 'preview_stale' });
    }
    throw new AppError(
      'unavailable',
      `The cluster refused the change: ${(err as Error).message}`.slice(0, 500),
      {
        reason: 'apply_failed',
        cause: err,
      },
    );
  }
  const observed = await observe(api, input);
  const now = ctx.now();
  const quarantineId = (plan.preImage as { quarantineId?: string }).quarantineId;
  const takenBack = undoOf?.id ?? quarantineId;
  const applied = await ctx.db.$transaction(async (tx) => {
    const row = await tx.action.update({
      where: { id: action.id },
      data: {
        status: observed ? 'verified' : 'applied',
        endedAt: input.action === 'quarantine' ? null : now,
      },
    });
    if (takenBack !== undefined) {
      await tx.action.update({ where: { id: takenBack }, data: { status: 'undone', undoneBy: action.id } });
    }
    const summary = ACTIONS[input.action].done(target);
    await addActionEntry(tx, action, { step: 'applied', time: now, summary, outcome: 'ok', target });
    await notify(tx, { t: 'action', id: action.id });
    await audit(tx, ctx, action, 'applied', { status: row.status, undid: takenBack ?? null });
    return row;
  });
  if (probe !== undefined && target.kind === 'pod')
    proveInBackground({ ctx, api, action: applied, target, probe, appliedAt: now });
  return applied;
}

/** A fresh read shows a node as wanted. What a quarantine does is proved by traffic, not by its objects. */
async function observe(api: KubeApi, { action, target }: Omit<Request, 'token'>): Promise<boolean> {
  if (action === 'quarantine') return false;
  if (action === 'release') return true;
  return await isScheduleApplied(api, target, action === 'cordon').catch(() => false);
}

async function fail(options: {
  readonly ctx: Ctx;
  readonly action: Action;
  readonly input: Omit<Request, 'token'>;
  readonly why: string;
}): Promise<void> {
  const { ctx, action, input, why } = options;
  const now = ctx.now();
  await ctx.db.$transaction(async (tx) => {
    await tx.action.update({
      where: { id: action.id },
      data: { status: 'failed', error: why, endedAt: now },
    });
    const summary = `tried to ${input.action} ${targetName(input.target)}. It failed: ${why.slice(0, 300)}`;
    await addActionEntry(tx, action, {
      step: 'failed',
      time: now,
      summary,
      outcome: 'failed',
      target: input.target,
    });
    await notify(tx, { t: 'action', id: action.id });
    await audit(tx, ctx, action, 'failed', { error: why });
  });
}

async function audit(
  tx: Prisma.TransactionClient,
  ctx: Ctx,
  action: Action,
  step: string,
  detail: Prisma.InputJsonObject,
): Promise<void> {
  const target = action.target as Prisma.InputJsonObject;
  await appendAudit(tx, ctx, {
    verb: `action.${action.kind}.${step}`,
    target: `action:${action.id}`,
    detail: { target, ...detail },
  });
}

function repeated(action: Action, input: Omit<Request, 'token'>): ActionRow {
  const row = toActionRow(action);
  if (row.action === input.action && targetName(row.target) === targetName(input.target)) return row;
  throw new AppError('conflict', 'This idempotency key was used for another action.', {
    reason: 'idempotency_key',
  });
}

function whyRefused(preview: Preview, token: string | null): AppError | undefined {
  const failed = preview.checks.filter((check) => check.state === 'fail');
  const [first] = failed;
  if (first === undefined) {
    if (token === null || token === preview.token) return undefined;
    return new AppError('conflict', `The ${preview.target.kind} changed since the preview. Review again.`, {
      reason: 'preview_stale',
    });
  }
  const faults = failed.map((check) => ({ path: check.name, message: check.detail }));
  if (failed.some((check) => check.name === PROTECTED_CHECK)) {
    return new AppError('forbidden', `Protected target. ${first.detail}`, {
      reason: 'protected_target',
      faults,
    });
  }
  const reason = failed.some((check) => check.name === UNCHANGED_CHECK) ? 'changed_since' : 'not_allowed';
  return new AppError('conflict', `${first.name}: ${first.detail}`, { reason, faults });
}
