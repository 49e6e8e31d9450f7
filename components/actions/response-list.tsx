'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import type { ActionRow } from '../../core/wire/actions.ts';
import { actionsQuery } from '../api/action-queries.ts';
import { Button } from '../ui/button.tsx';
import { targetName } from './action-url.ts';
import { ACTION_WORDS, statusText } from './action-words.ts';
import { type Deed, DeedTable } from './deed-table.tsx';
import { useCan } from './use-can.ts';
import { useUndo } from './use-undo.ts';

/** Everything that was done to the cluster, with its proof and its undo. */
export function ResponseList() {
  return (
    <DeedTable
      title="Responses"
      detail="actions on the cluster, newest first"
      what="responses"
      deed="Action"
      end="Undo"
      skeletonRows={8}
      empty="Nobody has acted on the cluster yet. Actions start from an event, an incident or a node."
      query={useInfiniteQuery(actionsQuery())}
      deedOf={deedOf}
    />
  );
}

function deedOf(row: ActionRow): Deed {
  const isUnproven = row.proof === 'unproven' && row.status !== 'undone';
  return {
    id: row.id,
    at: row.startedAt,
    title: (
      <>
        {ACTION_WORDS[row.action].title}
        {row.undoOf === null ? '' : <span className="muted">, undo</span>}
      </>
    ),
    target: targetName(row.target),
    priority: row.status === 'failed' ? 3 : isUnproven ? 4 : undefined,
    state: statusText(row),
    detail: row.error ?? row.proofDetail,
    actor: row.actor,
    reason: row.reason,
    incidentId: row.incidentId,
    end: <UndoCell row={row} />,
  };
}

function UndoCell({ row }: { readonly row: ActionRow }) {
  const undo = useUndo();
  const can = useCan('responder');
  if (row.undoable && can.allowed) {
    return (
      <Button small disabled={undo.isPending} onClick={() => undo.mutate(row.id)}>
        {undo.isPending ? 'Undoing' : 'Undo'}
      </Button>
    );
  }
  const why = row.undoable ? can.reason : row.status === 'undone' ? null : row.undoReason;
  return why == null ? null : <span className="muted">{why}</span>;
}
