import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { CATEGORIES } from '../../core/events/event.ts';
import {
  eventDetailSchema,
  eventPageSchema,
  facetsReplySchema,
  histogramSchema,
  type Scope,
} from '../../core/wire/events.ts';
import { fetchJson } from './fetch-json.ts';
import { scopeQuery } from './scope-query.ts';

const PAGE_ROWS = 200;
const RECENT_ROWS = 20;

const ACTIVITY: ReadonlySet<string> = new Set(['process', 'connection', 'file']);

export const eventKeys = {
  all: ['events'] as const,
  list: (scope: Scope) => ['events', 'list', scope] as const,
  facets: (scope: Scope) => ['events', 'facets', scope] as const,
  histogram: (scope: Scope) => ['events', 'histogram', scope] as const,
  recent: (scope: Scope) => ['events', 'recent', scope] as const,
  detail: (id: string, time: string) => ['events', 'detail', id, time] as const,
};

export const eventsQuery = (scope: Scope) =>
  infiniteQueryOptions({
    queryKey: eventKeys.list(scope),
    queryFn: ({ pageParam, signal }) => {
      const query = scopeQuery(scope);
      query.set('limit', String(PAGE_ROWS));
      if (pageParam !== null) query.set('cursor', pageParam);
      return fetchJson(eventPageSchema, '/api/v1/events', { query, signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });

/** What the stream carries too: alerts and what the KPIs count, not plain process and network activity. */
const NOTABLE = `rule != "-" or evt.category in (${CATEGORIES.filter((name) => !ACTIVITY.has(name)).join(', ')})`;

/** The newest few notable rows, for a feed that the stream continues. */
export const recentEventsQuery = (scope: Scope) =>
  queryOptions({
    queryKey: eventKeys.recent(scope),
    queryFn: ({ signal }) => {
      const query = scopeQuery({ ...scope, q: NOTABLE });
      query.set('limit', String(RECENT_ROWS));
      return fetchJson(eventPageSchema, '/api/v1/events', { query, signal });
    },
    placeholderData: keepPreviousData,
  });

export const facetsQuery = (scope: Scope) =>
  queryOptions({
    queryKey: eventKeys.facets(scope),
    queryFn: ({ signal }) =>
      fetchJson(facetsReplySchema, '/api/v1/events/facets', { query: scopeQuery(scope), signal }),
    placeholderData: keepPreviousData,
  });

export const histogramQuery = (scope: Scope) =>
  queryOptions({
    queryKey: eventKeys.histogram(scope),
    queryFn: ({ signal }) =>
      fetchJson(histogramSchema, '/api/v1/events/histogram', { query: scopeQuery(scope), signal }),
    placeholderData: keepPreviousData,
  });

export const eventDetailQuery = (id: string, time: string) =>
  queryOptions({
    queryKey: eventKeys.detail(id, time),
    queryFn: ({ signal }) =>
      fetchJson(eventDetailSchema, `/api/v1/events/${encodeURIComponent(id)}`, {
        query: new URLSearchParams({ time }),
        signal,
      }),
  });
