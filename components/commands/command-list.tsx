'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { CommandRow } from '../../core/wire/commands.ts';
import { QueryError } from '../api/query-panel.tsx';
import { useUrlParams } from '../shell/url-params.ts';
import { Button } from '../ui/button.tsx';
import { bytes, middle } from '../ui/format.ts';
import { EmptyState } from '../ui/message.tsx';
import { Panel } from '../ui/panel.tsx';
import { SeverityShape } from '../ui/severity.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Time } from '../ui/time.tsx';
import { commandsQuery } from './command-queries.ts';
import { commandTargetName, runParams } from './command-url.ts';
import { COMMAND_WORDS, stateText } from './command-words.ts';
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
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll container needs a focus stop
        <section className="rsptw" tabIndex={0} aria-label="Table of commands">
          <table className="rspt">
            <thead>
              <tr>
                <th>Time, UTC</th>
                <th>Command</th>
                <th>Target</th>
                <th>State</th>
                <th>By</th>
                <th>File</th>
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
        </section>
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
  return (
    <tr>
      <td className="num">
        <Time iso={row.requestedAt} date />
      </td>
      <td>{title}</td>
      <td title={name}>{middle(name, 40)}</td>
      <td title={row.error ?? row.summary ?? undefined}>
        <span className="stt">
          {row.state === 'failed' || row.state === 'expired' ? <SeverityShape priority={3} label /> : null}
          {stateText(row)}
          <span className="muted el">{row.error ?? row.summary}</span>
        </span>
      </td>
      <td>{row.actor}</td>
      <td className="num">
        {row.artifact === null ? null : row.artifactKept ? bytes(row.artifact.bytes) : 'deleted'}
      </td>
      <td>
        {row.incidentId === null ? null : (
          <Link prefetch={false} href={`/incidents/${row.incidentId}`}>
            INC-{row.incidentId}
          </Link>
        )}
      </td>
      <td className="r">
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
