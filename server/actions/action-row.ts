import { ACTION_KINDS, type ActionRow, actionTargetSchema } from '../../core/wire/actions.ts';
import type { Action } from '../../prisma/generated/client.ts';
import { ACTIONS } from './definitions.ts';

const STATUSES = ['running', 'applied', 'verified', 'failed', 'undone'] as const;
const PROOFS = ['enforced', 'unproven', 'not_applicable'] as const;

/** A stored action as it is shown, with whether it can be taken back and why not. */
export function toActionRow(action: Action): ActionRow {
  const undoReason = whyNotUndoable(action);
  return {
    id: action.id,
    action: kindOf(action),
    target: actionTargetSchema.parse(action.target),
    status: STATUSES.find((status) => status === action.status) ?? 'failed',
    proof: PROOFS.find((proof) => proof === action.proof) ?? 'not_applicable',
    proofDetail: action.proofDetail,
    actor: action.actor,
    reason: action.reason,
    incidentId: action.incidentId,
    startedAt: action.startedAt.toISOString(),
    endedAt: action.endedAt?.toISOString() ?? null,
    error: action.error,
    undoOf: action.undoOf,
    undoable: undoReason === null,
    undoReason,
  };
}

export function kindOf(action: Action): ActionRow['action'] {
  const kind = ACTION_KINDS.find((name) => name === action.kind);
  if (kind === undefined) throw new Error(`action ${action.id} has the unknown kind ${action.kind}`);
  return kind;
}

/** Why an action cannot be undone; null when it can. */
export function whyNotUndoable(action: Action): string | null {
  if (action.undoneBy !== null || action.status === 'undone') return 'It was undone already.';
  if (action.status === 'running') return 'It is still running.';
  if (action.status === 'failed') return 'It failed and changed nothing.';
  if (ACTIONS[kindOf(action)].inverse === null) return 'Quarantine the pod again instead.';
  return null;
}
