import { infiniteQueryOptions } from '@tanstack/react-query';
import { actionPageSchema } from '../../core/wire/actions.ts';
import { fetchJson } from './fetch-json.ts';

export const actionKeys = {
  all: ['actions'] as const,
  list: ['actions', 'list'] as const,
};

export const actionsQuery = () =>
  infiniteQueryOptions({
    queryKey: actionKeys.list,
    queryFn: ({ pageParam, signal }) =>
      fetchJson(actionPageSchema, '/api/v1/actions', {
        query: new URLSearchParams(pageParam === null ? {} : { cursor: pageParam }),
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });
