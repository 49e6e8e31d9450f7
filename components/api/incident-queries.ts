import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { incidentDetailSchema, incidentPageSchema } from '../../core/wire/incidents.ts';
import { fetchJson } from './fetch-json.ts';

export type IncidentStatus = 'open' | 'closed' | 'all';

export const incidentKeys = {
  all: ['incidents'] as const,
  list: (status: IncidentStatus) => ['incidents', 'list', status] as const,
  open: ['incidents', 'open'] as const,
  detail: (id: number) => ['incidents', 'detail', id] as const,
};

const page = (status: IncidentStatus, cursor: string | null, signal: AbortSignal) => {
  const query = new URLSearchParams(status === 'all' ? {} : { status });
  if (cursor !== null) query.set('cursor', cursor);
  return fetchJson(incidentPageSchema, '/api/v1/incidents', { query, signal });
};

export const incidentsQuery = (status: IncidentStatus) =>
  infiniteQueryOptions({
    queryKey: incidentKeys.list(status),
    queryFn: ({ pageParam, signal }) => page(status, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });

/** First page of the open incidents: rail badge, attention strip, Overview, palette. */
export const openIncidentsQuery = () =>
  queryOptions({
    queryKey: incidentKeys.open,
    queryFn: ({ signal }) => page('open', null, signal),
  });

export const incidentQuery = (id: number) =>
  queryOptions({
    queryKey: incidentKeys.detail(id),
    queryFn: ({ signal }) => fetchJson(incidentDetailSchema, `/api/v1/incidents/${id}`, { signal }),
  });
