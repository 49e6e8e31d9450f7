'use client';

import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import type { ActionRow } from '../../core/wire/actions.ts';
import { useShortcuts } from '../shell/shortcuts.ts';
import { useUrlParams } from '../shell/url-params.ts';
import { useToast } from '../ui/toast.tsx';
import { ActionSheet } from './action-sheet.tsx';
import { CLOSED_PARAMS, readActionUrl, targetText } from './action-url.ts';
import { doneText } from './action-words.ts';
import { useActionWatch } from './use-action-watch.ts';
import { useActionsChanged, useUndo } from './use-undo.ts';

/**
 * Shows the preview that the URL asks for (`?preview=quarantine&target=pod/NS/NAME`). A link only opens
 * it; acting takes a press inside. Afterwards a toast offers Undo, and a second one tells the proof.
 */
export function ActionHost() {
  const request = readActionUrl(useSearchParams());
  const { update } = useUrlParams();
  const toast = useToast();
  const undo = useUndo();
  const changed = useActionsChanged();
  const [last, setLast] = useState<ActionRow>();
  useActionWatch(last);
  const undoLast = (row: ActionRow): void => {
    setLast(undefined);
    undo.mutate(row.id);
  };
  useShortcuts({ z: () => (last?.undoable ? undoLast(last) : undefined) });
  if (request === undefined) return null;
  const close = (): void => update(CLOSED_PARAMS, 'replace');
  return (
    <ActionSheet
      key={`${request.action} ${targetText(request.target)}`}
      request={request}
      onClose={close}
      onDone={(row) => {
        close();
        changed();
        setLast(row);
        if (row.status === 'failed') toast({ title: 'The action failed', detail: row.error ?? '' });
        else {
          toast({
            title: doneText(row.action, row.target),
            ...(row.undoable ? { action: { label: 'Undo', run: () => undoLast(row) } } : {}),
          });
        }
      }}
    />
  );
}
