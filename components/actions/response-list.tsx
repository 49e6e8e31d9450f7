'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { ActionRow } from '../../core/wire/actions.ts';
import { actionsQuery } from '../api/action-queries.ts';
import { QueryError } from '../api/query-panel.tsx';
import { Button } from '../ui/button.tsx';
import { LongText } from '../ui/long-text.tsx';
import { EmptyState } from '../ui/message.tsx';
import { Panel } from '../ui/panel.tsx';
import { SeverityShape } from '../ui/severity.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Time } from '../ui/time.tsx';
import { targetName } from './action-url.ts';
import { ACTION_WORDS, statusText } from './action-words.ts';
import { useCan } from './use-can.ts';
import { useUndo } from './use-undo.ts';
import './actions.css';

/** Everything that was done to the cluster, with its proof and its undo. */
export function ResponseList() {
  const query = useInfiniteQuery(actionsQuery());
  const rows = query.data?.pages.flatMap((page) => page.rows);
  return (
    <Panel
      title="Responses"
      detail="actions on the cluster, newest first"
      refreshing={query.isFetching && rows !== undefined}
    >
      {rows === undefined ? (
        query.error !== null ? (
          <QueryError query={query} what="responses" />
        ) : (
          <SkeletonRows rows={8} height={24} what="responses" />
        )
      ) : rows.length === 0 ? (
        <EmptyState>
          Nobody has acted on the cluster yet. Actions start from an event, an incident or a node.
        </EmptyState>
      ) : (
        <table className="cards rspt" aria-label="Responses">
          <thead>
            <tr>
              <th>Time, UTC</th>
              <th>Action</th>
              <th>Target</th>
              <th>State</th>
              <th>By</th>
              <th>Reason</th>
              <th>Incident</th>
              <th>
                <span className="vh">Undo</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <ResponseRow key={row.id} row={row} />
            ))}
          </tbody>
        </table>
      )}
      {query.hasNextPage ? (
        <div className="rspm">
          <Button small disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? 'Loading' : 'Show older actions'}
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}

function ResponseRow({ row }: { readonly row: ActionRow }) {
  const detail = row.error ?? row.proofDetail;
  return (
    <tr>
      <td className="num tm">
        <Time iso={row.startedAt} date />
      </td>
      <td data-label="Action">
        {ACTION_WORDS[row.action].title}
        {row.undoOf === null ? '' : <span className="muted">, undo</span>}
      </td>
      <td data-label="Target" className="wr">
        {targetName(row.target)}
      </td>
      <td data-label="State" className="stc">
        <span className="stt">
          {row.status === 'failed' ? <SeverityShape priority={3} label /> : null}
          {row.proof === 'unproven' && row.status !== 'undone' && row.status !== 'failed' ? (
            <SeverityShape priority={4} label />
          ) : null}
          {statusText(row)}
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
        <UndoCell row={row} />
      </td>
    </tr>
  );
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
