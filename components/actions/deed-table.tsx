'use client';

import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { QueryError } from '../api/query-panel.tsx';
import { Button } from '../ui/button.tsx';
import { LongText } from '../ui/long-text.tsx';
import { EmptyState } from '../ui/message.tsx';
import { Panel } from '../ui/panel.tsx';
import { SeverityShape } from '../ui/severity.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Time } from '../ui/time.tsx';
import './actions.css';

/** What somebody did or asked for, as both lists show it. */
export type Deed = {
  readonly id: string;
  readonly at: string;
  readonly title: ReactNode;
  readonly target: string;
  /** Marks a state that needs a look. */
  readonly priority: number | undefined;
  readonly state: ReactNode;
  readonly detail: string | null;
  readonly actor: string;
  readonly reason: string;
  readonly incidentId: number | string | null;
  readonly end: ReactNode;
};

type Rows<Row> = UseInfiniteQueryResult<InfiniteData<{ readonly rows: readonly Row[] }>>;

type DeedTableProps<Row> = {
  readonly title: string;
  readonly detail: string;
  /** Plural, in lower case. */
  readonly what: string;
  /** Heads the column of what was done. */
  readonly deed: string;
  /** Heads the last column, for who cannot see it. */
  readonly end: string;
  readonly skeletonRows: number;
  readonly empty: string;
  readonly query: Rows<Row>;
  readonly deedOf: (row: Row) => Deed;
};

/** Deeds newest first, older ones on request. */
export function DeedTable<Row>(props: DeedTableProps<Row>) {
  const { title, detail, what, query, deedOf } = props;
  const rows = query.data?.pages.flatMap((page) => page.rows);
  return (
    <Panel title={title} detail={detail} refreshing={query.isFetching && rows !== undefined}>
      {rows === undefined ? (
        query.error !== null ? (
          <QueryError query={query} what={what} />
        ) : (
          <SkeletonRows rows={props.skeletonRows} height={24} what={what} />
        )
      ) : rows.length === 0 ? (
        <EmptyState>{props.empty}</EmptyState>
      ) : (
        <table className="cards rspt" aria-label={`${what[0]?.toUpperCase()}${what.slice(1)}`}>
          <thead>
            <tr>
              <th>Time, UTC</th>
              <th>{props.deed}</th>
              <th>Target</th>
              <th>State</th>
              <th>By</th>
              <th>Reason</th>
              <th>Incident</th>
              <th>
                <span className="vh">{props.end}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(deedOf).map((deed) => (
              <DeedRow key={deed.id} label={props.deed} deed={deed} />
            ))}
          </tbody>
        </table>
      )}
      {query.hasNextPage ? (
        <div className="rspm">
          <Button small disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? 'Loading' : `Show older ${what}`}
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}

function DeedRow({ label, deed }: { readonly label: string; readonly deed: Deed }) {
  return (
    <tr>
      <td className="num tm">
        <Time iso={deed.at} date />
      </td>
      <td data-label={label}>{deed.title}</td>
      <td data-label="Target" className="wr">
        {deed.target}
      </td>
      <td data-label="State" className="stc">
        <span className="stt">
          {deed.priority === undefined ? null : <SeverityShape priority={deed.priority} label />}
          {deed.state}
        </span>
        {deed.detail === null ? null : <LongText>{deed.detail}</LongText>}
      </td>
      <td data-label="By" className="wr">
        {deed.actor}
      </td>
      <td data-label="Reason" className="wr">
        {deed.reason === '' ? <span className="muted">none given</span> : <LongText>{deed.reason}</LongText>}
      </td>
      <td data-label="Incident">
        {deed.incidentId === null ? (
          <span className="muted">–</span>
        ) : (
          <Link prefetch={false} href={`/incidents/${deed.incidentId}`}>
            INC-{deed.incidentId}
          </Link>
        )}
      </td>
      <td className="r ac">{deed.end}</td>
    </tr>
  );
}
