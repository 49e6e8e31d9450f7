'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { actionKeys } from '../api/action-queries.ts';
import { incidentKeys } from '../api/incident-queries.ts';
import { useUrlParams } from '../shell/url-params.ts';
import { CommandProgress } from './command-progress.tsx';
import { CommandSheet } from './command-sheet.tsx';
import { CLOSED, commandTargetName, readCommandUrl, readRunUrl, runParams } from './command-url.ts';
import './commands.css';

/** Shows the preview or the progress of a command that the URL asks for. A link only opens it. */
export function CommandHost() {
  const params = useSearchParams();
  const ask = readCommandUrl(params);
  const run = readRunUrl(params);
  const { update } = useUrlParams();
  const queries = useQueryClient();
  const close = (): void => update(CLOSED, 'replace');
  if (run !== undefined) return <CommandProgress key={run} id={run} onClose={close} />;
  if (ask === undefined) return null;
  return (
    <CommandSheet
      key={`${ask.kind} ${commandTargetName(ask.target)} ${ask.undoOf}`}
      ask={ask}
      onClose={close}
      onRequested={(row) => {
        update(runParams(row.id), 'replace');
        for (const queryKey of [actionKeys.all, incidentKeys.all])
          void queries.invalidateQueries({ queryKey });
      }}
    />
  );
}
