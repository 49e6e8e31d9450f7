import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { type ActionRow, actionPageSchema } from '../../core/wire/actions.ts';
import { actionKeys } from '../api/action-queries.ts';
import { fetchJson } from '../api/fetch-json.ts';
import { useToast } from '../ui/toast.tsx';
import { targetName } from './action-url.ts';
import { useActionsChanged } from './use-undo.ts';

const POLL_MS = 2_000;
/** Proof needs traffic or its absence to be seen; after this the history page tells. */
const WATCH_MS = 120_000;

/** Follows one executed action until its effect is proven, stays unproven or fails, and says so once. */
export function useActionWatch(action: ActionRow | undefined): void {
  const toast = useToast();
  const changed = useActionsChanged();
  const told = useRef<string>(undefined);
  const open =
    action !== undefined && !isSettled(action) && Date.now() - Date.parse(action.startedAt) < WATCH_MS;
  const query = useQuery({
    queryKey: [...actionKeys.all, 'watch', action?.id],
    queryFn: ({ signal }) => fetchJson(actionPageSchema, '/api/v1/actions', { signal }),
    enabled: open,
    refetchInterval: ({ state }) => {
      const row = state.data?.rows.find((one) => one.id === action?.id);
      const late = action === undefined || Date.now() - Date.parse(action.startedAt) > WATCH_MS;
      return late || (row !== undefined && isSettled(row)) ? false : POLL_MS;
    },
  });
  const row = query.data?.rows.find((one) => one.id === action?.id);
  useEffect(() => {
    if (row === undefined || !isSettled(row) || told.current === row.id || row.status === 'undone') return;
    told.current = row.id;
    changed();
    const name = targetName(row.target);
    if (row.status === 'failed') toast({ title: `Failed: ${name}`, detail: row.error ?? '' });
    else if (row.proof === 'enforced') toast({ title: `Enforced: ${name}`, detail: row.proofDetail ?? '' });
    else if (row.proof === 'unproven') toast({ title: `Unproven: ${name}`, detail: row.proofDetail ?? '' });
  }, [row, toast, changed]);
}

const isSettled = (row: ActionRow): boolean =>
  row.endedAt !== null || row.status === 'verified' || row.status === 'failed';
