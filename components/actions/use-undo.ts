import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ActionRow } from '../../core/wire/actions.ts';
import { actionKeys } from '../api/action-queries.ts';
import { describeError } from '../api/api-error.ts';
import { clusterKeys } from '../api/cluster-queries.ts';
import { incidentKeys } from '../api/incident-queries.ts';
import { useToast } from '../ui/toast.tsx';
import { undoAction } from './action-requests.ts';
import { doneText } from './action-words.ts';

/** Refetches everything that an action can have changed. */
export function useActionsChanged(): () => void {
  const queries = useQueryClient();
  return () => {
    for (const queryKey of [actionKeys.all, clusterKeys.nodes, clusterKeys.pods, incidentKeys.all]) {
      void queries.invalidateQueries({ queryKey });
    }
  };
}

/** Undoes an action by a new recorded one and says how it went. */
export function useUndo() {
  const toast = useToast();
  const changed = useActionsChanged();
  return useMutation({
    mutationFn: undoAction,
    onSuccess: (row: ActionRow) => {
      toast(
        row.status === 'failed'
          ? { title: 'Undo failed', detail: row.error ?? '' }
          : { title: `Undone: ${doneText(row.action, row.target)}` },
      );
    },
    onError: (err) => toast({ title: 'Undo refused', detail: describeError(err).message }),
    onSettled: changed,
  });
}
