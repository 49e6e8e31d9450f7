'use client';

import type { UseQueryResult } from '@tanstack/react-query';
import type { Histogram as HistogramData } from '../../core/wire/events.ts';
import { QueryError } from '../api/query-panel.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import type { TimeSpan } from './events-url.ts';
import { Histogram } from './histogram.tsx';

type Props = {
  readonly query: UseQueryResult<HistogramData>;
  readonly window: TimeSpan;
  readonly selection: TimeSpan | undefined;
  readonly onSelect: (span: TimeSpan | undefined) => void;
};

export function HistogramPanel({ query, window, selection, onSelect }: Props) {
  return (
    <section className="hw" aria-label="Events over time" aria-busy={query.isFetching || undefined}>
      {query.data !== undefined ? (
        <Histogram data={query.data} window={window} selection={selection} onSelect={onSelect} />
      ) : query.error !== null ? (
        <QueryError query={query} what="the histogram" />
      ) : (
        <SkeletonRows rows={1} height={122} what="the histogram" />
      )}
    </section>
  );
}
