import type { PoolClient } from 'pg';
import { FACETS, type Facet, type FacetsReply, type Scope } from '../../core/wire/events.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { readOnly, tryWithin } from '../db/read-only.ts';
import { scopeSql, TACTIC_PREFIX, TEXT_FACETS, type Where } from './scope-sql.ts';

const VALUES_MAX = 20;
const EXACT_TIMEOUT_MS = 4_000;
const TIMEOUT_MS = 15_000;
/** When counting everything takes too long, the newest events stand for the rest. */
const SAMPLE_ROWS = 50_000;

type Counted = { key: Facet; value: string; count: string; more: string };

/**
 * Values with counts for each facet. A facet's own selection does not narrow its own counts, so that further
 * values can be added; facets without a selection share one pass over the events.
 */
export async function listFacets({ ctx, input }: { ctx: Ctx; input: Scope }): Promise<FacetsReply> {
  requireRole(ctx, 'viewer');
  const { clusterId } = ctx.config;
  const selected = FACETS.filter((facet) => (input.facets[facet] ?? []).length > 0);
  const shared = FACETS.filter((facet) => !selected.includes(facet));
  const passes: { where: Where; facets: readonly Facet[] }[] = [
    { where: scopeSql(input, { clusterId }), facets: shared },
    ...selected.map((facet) => ({ where: scopeSql(input, { clusterId, omit: facet }), facets: [facet] })),
  ];
  const counted = await readOnly(ctx.pool, { timeoutMs: TIMEOUT_MS }, async (client) => {
    const rows: Counted[] = [];
    for (const { where, facets } of passes)
      if (facets.length > 0) rows.push(...(await pass(client, where, facets)));
    return rows;
  });
  return {
    facets: FACETS.map((key) => {
      const rows = counted.filter((row) => row.key === key);
      const values = rows.map(({ value, count }) => ({ value, count: Number(count) }));
      return { key, values, more: Number(rows[0]?.more ?? 0) };
    }),
  };
}

async function pass(client: PoolClient, where: Where, facets: readonly Facet[]): Promise<readonly Counted[]> {
  const run = async (limit: string) =>
    (await client.query<Counted>(sqlOf(where, facets, limit), [...where.params])).rows;
  const exact = await tryWithin(client, EXACT_TIMEOUT_MS, () => run(''));
  return exact ?? run(`ORDER BY event.time DESC, event.id DESC LIMIT ${SAMPLE_ROWS}`);
}

function sqlOf(where: Where, facets: readonly Facet[], limit: string): string {
  const columns = new Set(facets.map((facet) => `${columnOf(facet)}`));
  const counts = facets.map(
    (
      facet,
    ) => `SELECT '${facet}' AS key, value, n AS count, greatest(0, distinct_values - ${VALUES_MAX}) AS more
      FROM (SELECT value, n, count(*) OVER () AS distinct_values,
                   row_number() OVER (ORDER BY n DESC, value) AS place
              FROM (${valuesSql(facet)}) AS found) AS ranked
     WHERE place <= ${VALUES_MAX}`,
  );
  return `WITH scoped AS MATERIALIZED (SELECT ${[...columns].join(', ')} FROM event WHERE ${where.sql} ${limit})
    SELECT key, value, count, more FROM (${counts.join(' UNION ALL ')}) AS all_facets
    ORDER BY key, count DESC, value`;
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
