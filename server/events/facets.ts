import type { PoolClient } from 'pg';
import {
  FACET_SAMPLE_ROWS,
  FACETS,
  type Facet,
  type FacetsReply,
  type Scope,
} from '../../core/wire/events.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { readOnly, tryWithin } from '../db/read-only.ts';
import { facetsFromRollup, type ValueCounts } from './facet-rollup.ts';
import { examine } from './residual.ts';
import { scopeSql, TACTIC_PREFIX, TEXT_FACETS, type Where } from './scope-sql.ts';

const VALUES_MAX = 20;
/** Distinct values counted per facet; there may be as many pods as events. */
const DISTINCT_MAX = 2_000;
const EXACT_TIMEOUT_MS = 3_000;
const TIMEOUT_MS = 15_000;

type Counted = { key: Facet; value: string; n: string };

/**
 * Values with counts for each facet. A facet's own selection does not narrow its own counts, so that further
 * values can be added; facets without a selection share one pass over the events.
 */
export async function listFacets({ ctx, input }: { ctx: Ctx; input: Scope }): Promise<FacetsReply> {
  requireRole(ctx, 'viewer');
  const { clusterId } = ctx.config;
  const selected = FACETS.filter((facet) => (input.facets[facet] ?? []).length > 0);
  const shared = FACETS.filter((facet) => !selected.includes(facet));
  const passes: { scope: Scope; facets: readonly Facet[] }[] = [
    { scope: input, facets: shared },
    ...selected.map((facet) => ({ scope: without(input, facet), facets: [facet] })),
  ];
  const counted = await readOnly(ctx.pool, { timeoutMs: TIMEOUT_MS }, async (client) => {
    const all = new Map<Facet, ValueCounts>();
    const partial = new Set<Facet>();
    for (const { scope, facets } of passes) {
      if (facets.length === 0) continue;
      const countEdge = (where: Where, some: readonly Facet[]) => countValues(client, where, some, '');
      const known = await facetsFromRollup(client, { scope, clusterId, facets, countEdge });
      const rest = facets.filter((facet) => !known.has(facet));
      const found = await countOrSample(client, scopeSql(scope, { clusterId }), rest);
      for (const [facet, values] of [...known, ...found.counts]) all.set(facet, values);
      if (found.partial) for (const facet of rest) partial.add(facet);
    }
    return { all, partial };
  });
  const { all, partial } = counted;
  return {
    facets: FACETS.map((key) => ({ ...top(key, all.get(key) ?? new Map()), partial: partial.has(key) })),
  };
}

function without(scope: Scope, facet: Facet): Scope {
  return { ...scope, facets: { ...scope.facets, [facet]: [] } };
}

function top(key: Facet, counts: ValueCounts): Omit<FacetsReply['facets'][number], 'partial'> {
  const values = [...counts].map(([value, count]) => ({ value, count }));
  values.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  return { key, values: values.slice(0, VALUES_MAX), more: Math.max(0, values.length - VALUES_MAX) };
}

async function countOrSample(
  client: PoolClient,
  where: Where,
  facets: readonly Facet[],
): Promise<{ readonly counts: ReadonlyMap<Facet, ValueCounts>; readonly partial: boolean }> {
  if (facets.length === 0) return { counts: new Map(), partial: false };
  if (where.residual !== undefined) {
    const result = await examine(client, where, { residual: where.residual });
    const counts = await countValues(client, result.where, facets, '');
    return { counts, partial: result.stoppedAt !== undefined };
  }
  const exact = await tryWithin(client, EXACT_TIMEOUT_MS, () => countValues(client, where, facets, ''));
  const newest = `ORDER BY event.time DESC, event.id DESC LIMIT ${FACET_SAMPLE_ROWS}`;
  if (exact !== undefined) return { counts: exact, partial: false };
  return { counts: await countValues(client, where, facets, newest), partial: true };
}

async function countValues(
  client: PoolClient,
  where: Where,
  facets: readonly Facet[],
  limit: string,
): Promise<ReadonlyMap<Facet, ValueCounts>> {
  const found = await client.query<Counted>(sqlOf(where, facets, limit), [...where.params]);
  const counts = new Map<Facet, Map<string, number>>(facets.map((facet) => [facet, new Map()]));
  for (const { key, value, n } of found.rows) counts.get(key)?.set(value, Number(n));
  return counts;
}

function sqlOf(where: Where, facets: readonly Facet[], limit: string): string {
  const columns = new Set(facets.map(columnOf));
  const counts = facets.map(
    (facet) => `(SELECT '${facet}' AS key, value, n FROM (${valuesSql(facet)}) AS found
                  ORDER BY n DESC, value LIMIT ${DISTINCT_MAX})`,
  );
  return `WITH scoped AS MATERIALIZED (SELECT ${[...columns].join(', ')} FROM event WHERE ${where.sql} ${limit})
    ${counts.join(' UNION ALL ')}`;
}

function valuesSql(facet: Facet): string {
  if (facet === 'category') {
    return 'SELECT value, count(*) AS n FROM scoped, unnest(categories) AS value GROUP BY value';
  }
  if (facet === 'tactic') {
    return `SELECT substr(tag, ${TACTIC_PREFIX.length + 1}) AS value, count(*) AS n FROM scoped, unnest(tags) AS tag
             WHERE starts_with(tag, '${TACTIC_PREFIX}') GROUP BY 1`;
  }
  const column = columnOf(facet);
  return `SELECT ${column}::text AS value, count(*) AS n FROM scoped WHERE ${column} IS NOT NULL GROUP BY ${column}`;
}

function columnOf(facet: Facet): string {
  if (facet === 'category') return 'categories';
  if (facet === 'tactic') return 'tags';
  return TEXT_FACETS[facet] ?? 'priority';
}
