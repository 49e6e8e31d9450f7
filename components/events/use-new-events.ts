import { useQuery } from '@tanstack/react-query';
import { eventPageSchema, type Scope } from '../../core/wire/events.ts';
import { fetchJson } from '../api/fetch-json.ts';
import { scopeQuery } from '../api/scope-query.ts';

/**
 * How many events match the scope and are newer than its end; exact up to the server's counting limit.
 * `now` steps with the page's clock, which sets the pace of the counting.
 */
export function useNewEvents(scope: Scope, now: Date, enabled: boolean): { count: number; more: boolean } {
  const to = now.toISOString();
  const query = useQuery({
    queryKey: ['events', 'new', scope, to],
    queryFn: ({ signal }) => {
      const params = scopeQuery({ ...scope, from: scope.to, to });
      params.set('limit', '1');
      return fetchJson(eventPageSchema, '/api/v1/events', { query: params, signal });
    },
    enabled: enabled && to > scope.to,
    placeholderData: (previous, from) => (from?.queryKey[2] === scope ? previous : undefined),
    gcTime: 10_000,
  });
  if (!enabled || to <= scope.to || query.data === undefined) return { count: 0, more: false };
  const { total, totalAtLeast } = query.data;
  return { count: total ?? totalAtLeast, more: total === null };
}
