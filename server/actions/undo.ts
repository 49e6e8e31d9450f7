import type { ActionRow } from '../../core/wire/actions.ts';
import { actionTargetSchema } from '../../core/wire/actions.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { kindOf, whyNotUndoable } from './action-row.ts';
import { ACTIONS } from './definitions.ts';
import { runAction } from './execute.ts';

/**
 * Takes an action back by a new recorded one, from the stored pre-image.
 * Errors: conflict `not_undoable`, `changed_since`, `not_allowed`; not_found.
 */
export async function undoAction({
  ctx,
  input,
}: {
  readonly ctx: Ctx;
  readonly input: { readonly id: string };
}): Promise<ActionRow> {
  requireRole(ctx, 'responder');
  const action = await ctx.db.action.findUnique({ where: { id: input.id } });
  if (action === null) throw new AppError('not_found', 'There is no such action.');
  const { inverse } = ACTIONS[kindOf(action)];
  const why = whyNotUndoable(action);
  if (why !== null || inverse === null) {
    throw new AppError('conflict', `This cannot be undone. ${why ?? ''}`.trim(), { reason: 'not_undoable' });
  }
  // A double click meets the same key; an undo that failed may be tried again under the next one.
  const failures = await ctx.db.action.count({ where: { undoOf: action.id, status: 'failed' } });
  return await runAction({
    ctx,
    token: null,
    undoOf: action,
    input: {
      action: inverse,
      target: actionTargetSchema.parse(action.target),
      reason: `Undo of ${action.kind}`,
      incidentId: action.incidentId ?? undefined,
      options: { allowDns: false },
      idempotencyKey: `undo:${action.id}:${failures}`,
    },
  });
}
