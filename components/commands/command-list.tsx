'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import type { CommandRow } from '../../core/wire/commands.ts';
import { type Deed, DeedTable } from '../actions/deed-table.tsx';
import { useUrlParams } from '../shell/url-params.ts';
import { Button } from '../ui/button.tsx';
import { bytes } from '../ui/format.ts';
import { commandsQuery } from './command-queries.ts';
import { commandTargetName, runParams } from './command-url.ts';
import { COMMAND_WORDS, resultText, stateText } from './command-words.ts';
import './commands.css';

/** Everything that agents were asked for, with its result. */
export function CommandList() {
  return (
    <DeedTable
      title="On demand"
      detail="what agents were asked for, newest first"
      what="commands"
      deed="Command"
      end="Details"
      skeletonRows={4}
      empty="No agent has been asked for anything yet. Collect… on an event, a node or an agent does."
      query={useInfiniteQuery(commandsQuery())}
      deedOf={deedOf}
    />
  );
}

function deedOf(row: CommandRow): Deed {
  return {
    id: row.id,
    at: row.requestedAt,
    title: COMMAND_WORDS[row.kind].title,
    target: commandTargetName(row.target),
    priority: row.state === 'failed' || row.state === 'expired' ? 3 : undefined,
    state: (
      <>
        {stateText(row)}
        {row.artifact === null ? null : (
          <span className="muted num">
            {row.artifactKept ? bytes(row.artifact.bytes) : 'file deleted by the retention'}
          </span>
        )}
      </>
    ),
    detail: resultText(row),
    actor: row.actor,
    reason: row.reason,
    incidentId: row.incidentId,
    end: <OpenCell row={row} />,
  };
}

function OpenCell({ row }: { readonly row: CommandRow }) {
  const { update } = useUrlParams();
  const label = `Open ${COMMAND_WORDS[row.kind].title} of ${commandTargetName(row.target)}`;
  return (
    <Button small aria-label={label} onClick={() => update(runParams(row.id), 'push')}>
      Open
    </Button>
  );
}
