import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Scope } from '../../core/wire/events.ts';
import { kpisReplySchema, overviewReplySchema } from '../../core/wire/overview.ts';
import { fetchJson } from './fetch-json.ts';
import { scopeQuery } from './scope-query.ts';

export const overviewKeys = {
  kpis: (scope: Scope) => ['kpis', scope] as const,
  panels: (scope: Scope) => ['overview', scope] as const,
};

export const kpisQuery = (scope: Scope) =>
  queryOptions({
    queryKey: overviewKeys.kpis(scope),
    queryFn: ({ signal }) => fetchJson(kpisReplySchema, '/api/v1/kpis', { query: scopeQuery(scope), signal }),
    placeholderData: keepPreviousData,
  });

export const overviewQuery = (scope: Scope) =>
  queryOptions({
    queryKey: overviewKeys.panels(scope),
    queryFn: ({ signal }) =>
      fetchJson(overviewReplySchema, '/api/v1/overview', { query: scopeQuery(scope), signal }),
    placeholderData: keepPreviousData,
  });
