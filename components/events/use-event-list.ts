import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import type { EventPage, Scope } from '../../core/wire/events.ts';
import { eventsQuery } from '../api/event-queries.ts';
import { collapseRepeats } from './collapse.ts';

/** Rows of the scope, page by page, folded. After a refusal the last good rows stay. */
export function useEventList(scope: Scope, enabled: boolean) {
  const query = useInfiniteQuery({ ...eventsQuery(scope), enabled });
  const { fetchNextPage, hasNextPage, isFetching } = query;
  const [lastGood, setLastGood] = useState<readonly EventPage[]>();
  const pages = query.data?.pages;
  if (pages !== undefined && pages !== lastGood) setLastGood(pages);
  const shown = pages ?? lastGood;
  const groups = useMemo(() => collapseRepeats(shown?.flatMap((page) => page.rows) ?? []), [shown]);
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetching]);
  return {
    query,
    groups,
    first: shown?.[0],
    loaded: shown !== undefined,
    /** Events read for a filter that the database decides in part; 0 where it decides all. */
    examined: shown?.reduce((sum, page) => sum + (page.examined ?? 0), 0) ?? 0,
    loadedCount: shown?.reduce((sum, page) => sum + page.rows.length, 0) ?? 0,
    loadMore,
  };
}
