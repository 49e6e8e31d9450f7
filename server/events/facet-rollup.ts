import type { PoolClient } from 'pg';
import type { Facet, Scope } from '../../core/wire/events.ts';
import { splitScope } from './rollup-scope-sql.ts';
import type { Where } from './scope-sql.ts';

/** Facets whose values the minute counts keep. */
const COLUMNS: Readonly<Partial<Record<Facet, string>>> = {
  priority: 'priority::text',
  source: 'source',
  rule: 'rule',
  namespace: 'namespace',
  category: 'metric',
};

/** How often each value occurs. */
export type ValueCounts = ReadonlyMap<string, number>;

/**
 * Exact counts of the facets that the minute counts can answer for a scope, however large it is; the
 * broken minutes at its ends are counted by `countEdge`. Facets that need the events are not in the reply.
 */
export async function facetsFromRollup(
  client: PoolClient,
  input: {
    readonly scope: Scope;
    readonly clusterId: string;
    readonly facets: readonly Facet[];
    readonly countEdge: (where: Where, facets: readonly Facet[]) => Promise<ReadonlyMap<Facet, ValueCounts>>;
  },
): Promise<ReadonlyMap<Facet, ValueCounts>> {
  const split = splitScope(input.scope, { clusterId: input.clusterId });
  const facets = input.facets.filter((facet) => whereOf(split, facet) !== undefined);
  const counts = new Map<Facet, Map<string, number>>();
  for (const facet of facets) counts.set(facet, await countValues(client, facet, whereOf(split, facet)));
  for (const edge of facets.length > 0 ? split.events : []) {
    for (const [facet, values] of await input.countEdge(edge, facets)) {
      const known = counts.get(facet);
      for (const [value, n] of values) known?.set(value, (known.get(value) ?? 0) + n);
    }
  }
  return counts;
}

function whereOf(split: ReturnType<typeof splitScope>, facet: Facet): Where | undefined {
  if (COLUMNS[facet] === undefined) return undefined;
  return facet === 'category' ? split.rollupCategories : split.rollup;
}

async function countValues(
  client: PoolClient,
  facet: Facet,
  where: Where | undefined,
): Promise<Map<string, number>> {
  if (where === undefined) return new Map();
  const found = await client.query<{ value: string; n: string }>(
    `SELECT ${COLUMNS[facet]} AS value, sum(count) AS n FROM event_rollup WHERE ${where.sql} GROUP BY 1`,
    [...where.params],
  );
  return new Map(
    found.rows
      .filter(({ value, n }) => value !== '' && Number(n) > 0)
      .map(({ value, n }) => [value, Number(n)]),
  );
}
