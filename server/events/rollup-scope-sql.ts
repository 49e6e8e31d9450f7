import type { Scope } from '../../core/wire/events.ts';
import { ANY_RULE, scopeSql, type Where } from './scope-sql.ts';

const MINUTE_MS = 60_000;
/** Single-valued facets that the rollup keeps whole; workloads may be folded there (server/ingest/rollup.ts). */
const COLUMNS: Readonly<Record<string, string>> = { source: 'source', rule: 'rule', namespace: 'namespace' };

/** Disjoint conditions that together select a scope: whole minutes over the rollups, the rest over events. */
export type SplitScope = {
  readonly rollup: Where | undefined;
  /** The same minutes by category, one row set for each category of an event; none when one is selected. */
  readonly rollupCategories: Where | undefined;
  readonly events: readonly Where[];
};

/**
 * Cuts a scope so that as much as possible is read from the minute counts, without loss of exactness: the
 * broken minutes at both ends are read from the events, and so is every scope that minutes cannot answer
 * (a filter, other facets, exclusions, several categories: an event can be in two).
 */
export function splitScope(scope: Scope, options: { readonly clusterId: string }): SplitScope {
  const events = [scopeSql(scope, options)];
  const from = Math.ceil(new Date(scope.from).getTime() / MINUTE_MS) * MINUTE_MS;
  const to = Math.floor(new Date(scope.to).getTime() / MINUTE_MS) * MINUTE_MS;
  if (to <= from) return { rollup: undefined, rollupCategories: undefined, events };
  const middle = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const found = rollupSql({ ...scope, ...middle }, options.clusterId);
  if (found === undefined) return { rollup: undefined, rollupCategories: undefined, events };
  const edges = [
    { ...scope, to: middle.from },
    { ...scope, from: middle.to },
  ].filter((edge) => new Date(edge.from) < new Date(edge.to));
  return { ...found, events: edges.map((edge) => scopeSql(edge, options)) };
}

function rollupSql(scope: Scope, clusterId: string): Omit<SplitScope, 'events'> | undefined {
  if (scope.q.trim() !== '') return undefined;
  const params: unknown[] = [clusterId, scope.from, scope.to];
  const parts = ['cluster_id = $1', 'minute >= $2::timestamptz', 'minute < $3::timestamptz'];
  const add = (value: unknown) => `$${params.push(value)}`;
  let metric = 'event';
  if (scope.ns.length > 0) parts.push(`namespace = ANY(${add(scope.ns)}::text[])`);
  for (const [facet, values] of Object.entries(scope.facets)) {
    if (values.length === 0) continue;
    if (values.some((value) => value.startsWith('!'))) return undefined;
    const column = COLUMNS[facet];
    if (facet === 'rule' && values.includes(ANY_RULE)) parts.push(`rule <> ''`);
    else if (facet === 'category' && values.length === 1) metric = values[0] ?? metric;
    else if (facet === 'priority' && values.every((value) => /^[0-7]$/.test(value))) {
      parts.push(`priority = ANY(${add(values)}::smallint[])`);
    } else if (column !== undefined) parts.push(`${column} = ANY(${add(values)}::text[])`);
    else return undefined;
  }
  const sql = parts.join(' AND ');
  const rollupCategories =
    metric === 'event' ? { sql: `${sql} AND metric <> 'event'`, params: [...params] } : undefined;
  return { rollup: { sql: `${sql} AND metric = ${add(metric)}`, params }, rollupCategories };
}
