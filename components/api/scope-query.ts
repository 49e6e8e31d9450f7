import type { Scope } from '../../core/wire/events.ts';

/** The scope as the query parameters that every read takes. */
export function scopeQuery(scope: Scope): URLSearchParams {
  const query = new URLSearchParams({ from: scope.from, to: scope.to });
  for (const ns of scope.ns) query.append('ns', ns);
  if (scope.q !== '') query.set('q', scope.q);
  for (const [facet, values] of Object.entries(scope.facets)) {
    for (const value of values) query.append(`f.${facet}`, value);
  }
  return query;
}
