'use client';

import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ErrorState, NoPermission, StaleNote } from '../ui/message.tsx';
import { Panel, type PanelProps } from '../ui/panel.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { describeError, isCode } from './api-error.ts';

const STALE_MS = 30_000;

type Props<T> = Omit<PanelProps, 'children' | 'refreshing'> & {
  readonly query: UseQueryResult<T>;
  /** Lower-case noun for the loading and refusal texts: "events". */
  readonly what: string;
  readonly skeleton?: ReactNode;
  /** Role that may read this, for the refusal text. */
  readonly need?: string;
  /** True while data is meant to follow the present. */
  readonly live?: boolean;
  readonly children: (data: T) => ReactNode;
};

/** A panel with every state of one query: loading, refreshing, stale, refused, failed, data. */
export function QueryPanel<T>({
  query,
  what,
  skeleton,
  need = 'viewer',
  live,
  children,
  ...panel
}: Props<T>) {
  const failed = query.error !== null;
  const stale =
    failed && query.data !== undefined && live === true && Date.now() - query.dataUpdatedAt > STALE_MS;
  const aside = stale ? (
    <>
      <StaleNote since={new Date(query.dataUpdatedAt).toISOString()} />
      {panel.aside}
    </>
  ) : (
    panel.aside
  );
  return (
    <Panel {...panel} aside={aside} refreshing={query.isFetching && query.data !== undefined}>
      {query.data !== undefined ? (
        children(query.data)
      ) : query.error !== null ? (
        <QueryError query={query} what={what} need={need} />
      ) : (
        (skeleton ?? <SkeletonRows rows={4} what={what} />)
      )}
    </Panel>
  );
}

/** The failed state alone, for places without a panel. */
export function QueryError<T>({
  query,
  what,
  need = 'viewer',
}: {
  readonly query: UseQueryResult<T>;
  readonly what: string;
  readonly need?: string;
}) {
  if (isCode(query.error, 'forbidden')) return <NoPermission need={need} what={what} />;
  const title = what.charAt(0).toUpperCase() + what.slice(1);
  return <ErrorState what={title} {...describeError(query.error)} onRetry={() => void query.refetch()} />;
}
