'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { CommandRow } from '../../core/wire/commands.ts';
import { QueryError } from '../api/query-panel.tsx';
import { useUrlParams } from '../shell/url-params.ts';
import { Button } from '../ui/button.tsx';
import { bytes } from '../ui/format.ts';
import { LongText } from '../ui/long-text.tsx';
import { EmptyState } from '../ui/message.tsx';
import { Panel } from '../ui/panel.tsx';
import { SeverityShape } from '../ui/severity.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Time } from '../ui/time.tsx';
import { commandsQuery } from './command-queries.ts';
import { commandTargetName, runParams } from './command-url.ts';
import { COMMAND_WORDS, resultText, stateText } from './command-words.ts';
import '../actions/actions.css';
import './commands.css';

/** Everything that agents were asked for, with its result. */
export function CommandList() {
  const query = useInfiniteQuery(commandsQuery());
  const rows = query.data?.pages.flatMap((page) => page.rows);
  return (
    <Panel
      title="On demand"
      detail="what agents were asked for, newest first"
      refreshing={query.isFetching && rows !== undefined}
    >
      {rows === undefined ? (
        query.error !== null ? (
          <QueryError query={query} what="commands" />
        ) : (
          <SkeletonRows rows={4} height={24} what="commands" />
        )
      ) : rows.length === 0 ? (
        <EmptyState>
          No agent has been asked for anything yet. Collect… on an event, a node or an agent does.
        </EmptyState>
      ) : (
        <table className="cards rspt" aria-label="Commands">
          <thead>
            <tr>
              <th>Time, UTC</th>
              <th>Command</th>
              <th>Target</th>
              <th>State</th>
              <th>By</th>
              <th>Reason</th>
              <th>Incident</th>
              <th>
                <span className="vh">Details</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <CommandLine key={row.id} row={row} />
            ))}
          </tbody>
        </table>
      )}
      {query.hasNextPage ? (
        <div className="rspm">
          <Button small disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? 'Loading' : 'Show older commands'}
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}

function CommandLine({ row }: { readonly row: CommandRow }) {
  const { update } = useUrlParams();
  const name = commandTargetName(row.target);
  const { title } = COMMAND_WORDS[row.kind];
  const detail = resultText(row);
  return (
    <tr>
      <td className="num tm">
        <Time iso={row.requestedAt} date />
      </td>
      <td data-label="Command">{title}</td>
      <td data-label="Target" className="wr">
        {name}
      </td>
      <td data-label="State" className="stc">
        <span className="stt">
          {row.state === 'failed' || row.state === 'expired' ? <SeverityShape priority={3} label /> : null}
          {stateText(row)}
          {row.artifact === null ? null : (
            <span className="muted num">
              {row.artifactKept ? bytes(row.artifact.bytes) : 'file deleted by the retention'}
            </span>
          )}
        </span>
        {detail === null ? null : <LongText>{detail}</LongText>}
      </td>
      <td data-label="By" className="wr">
        {row.actor}
      </td>
      <td data-label="Reason" className="wr">
        {row.reason === '' ? <span className="muted">none given</span> : <LongText>{row.reason}</LongText>}
      </td>
      <td data-label="Incident">
        {row.incidentId === null ? (
          <span className="muted">–</span>
        ) : (
          <Link prefetch={false} href={`/incidents/${row.incidentId}`}>
            INC-{row.incidentId}
          </Link>
        )}
      </td>
      <td className="r ac">
        <Button
          small
          aria-label={`Open ${title} of ${name}`}
          onClick={() => update(runParams(row.id), 'push')}
        >
          Open
        </Button>
      </td>
    </tr>
  );
}
