import { priorityNumber } from '../../core/events/priority.ts';
import type { FilterNode } from '../../core/filter/ast.ts';
import { parseQuery } from '../../core/filter/check.ts';
import { EVENT_COLUMNS, filterToSql } from '../../core/filter/sql.ts';
import { FACETS, type Facet, type Scope } from '../../core/wire/events.ts';
import { AppError } from '../errors.ts';
import { indexHints } from './index-hints.ts';

export type Where = {
  readonly sql: string;
  readonly params: readonly unknown[];
  /** What SQL leaves open of the filter; see residual.ts. */
  readonly residual?: FilterNode | undefined;
};

/** Facets that are one text column. */
export const TEXT_FACETS: Readonly<Partial<Record<Facet, string>>> = {
  source: 'source',
  outcome: 'outcome',
  rule: 'rule',
  process: 'process',
  user: '"user"',
  node: 'node',
  namespace: 'namespace',
  workload: 'workload',
  pod: 'pod',
  peer: 'peer',
};

/** Tactics are the rule tags that begin so; the facet's values leave the prefix out. */
export const TACTIC_PREFIX = 'mitre_';

/** Word for word the predicate of the index event_kpi_time_idx. */
const KPI_CATEGORIES = [
  'auth_failure',
  'rbac_denial',
  'admission_denial',
  'psa_violation',
  'psa_exempt',
  'secret_read',
  'exec',
  'attach',
  'port_forward',
  'rbac_change',
  'delete',
  'anomalous_connection',
];
export const KPI_PREDICATE = `categories && ARRAY[${KPI_CATEGORIES.map((name) => `'${name}'`).join(',')}]::text[]`;

/** Value of the facet `rule` that stands for every rule: alerts. `!*` stands for events without one. */
export const ANY_RULE = '*';

const RANGE_DAYS_MAX = 400;

/**
 * The condition of a scope over the event table. Every value is a parameter; both time bounds are always
 * there, so that partitions are pruned.
 * Errors: bad_request `filter_syntax` with line and column, `scope_invalid`.
 */
export function scopeSql(scope: Scope, options: { readonly clusterId: string }): Where {
  checkRange(scope);
  const params: unknown[] = [options.clusterId, scope.from, scope.to];
  const parts = ['cluster_id = $1', 'time >= $2::timestamptz', 'time < $3::timestamptz'];
  const add = (value: unknown) => `$${params.push(value)}`;
  if (scope.ns.length > 0) parts.push('namespace IS NOT NULL', `namespace = ANY(${add(scope.ns)}::text[])`);
  for (const [name, values] of Object.entries(scope.facets)) {
    const facet = FACETS.find((known) => known === name);
    if (facet === undefined) throw invalid(`f.${name.slice(0, 64)}`, 'no such facet');
    parts.push(...facetSql(facet, values, add));
  }
  const ast = parseScopeFilter(scope.q);
  let residual: FilterNode | undefined;
  if (ast !== undefined) {
    parts.push(...indexHints(ast, add));
    const filter = filterToSql(ast, { columns: EVENT_COLUMNS, firstParam: params.length + 1 });
    parts.push(filter.sql);
    params.push(...filter.params);
    residual = filter.residual;
  }
  return { sql: parts.join(' AND '), params, residual };
}

function checkRange(scope: Scope): void {
  const ms = new Date(scope.to).getTime() - new Date(scope.from).getTime();
  if (!(ms > 0)) throw invalid('to', 'must be later than from');
  if (ms > RANGE_DAYS_MAX * 24 * 3600 * 1000)
    throw invalid('from', `more than ${RANGE_DAYS_MAX} days before to`);
}

function facetSql(facet: Facet, values: readonly string[], add: (value: unknown) => string): string[] {
  const chosen = values.filter((value) => !value.startsWith('!'));
  const excluded = values.filter((value) => value.startsWith('!')).map((value) => value.slice(1));
  const parts: string[] = [];
  if (facet === 'category' || facet === 'tactic') {
    const column = facet === 'category' ? 'categories' : 'tags';
    const stored = (list: string[]) =>
      facet === 'tactic' ? list.map((value) => TACTIC_PREFIX + value) : list;
    if (chosen.length > 0) parts.push(`${column} && ${add(stored(chosen))}::text[]`);
    if (
      facet === 'category' &&
      chosen.length > 0 &&
      chosen.every((value) => KPI_CATEGORIES.includes(value))
    ) {
      parts.push(KPI_PREDICATE);
    }
    if (facet === 'tactic' && chosen.length > 0) parts.push('rule IS NOT NULL');
    if (excluded.length > 0) parts.push(`NOT (${column} && ${add(stored(excluded))}::text[])`);
  } else if (facet === 'priority') {
    if (chosen.length > 0) parts.push(`priority = ANY(${add(chosen.map(toPriority))}::smallint[])`);
    if (excluded.length > 0) parts.push(`priority <> ALL(${add(excluded.map(toPriority))}::smallint[])`);
  } else if (facet === 'rule' && (values.includes(ANY_RULE) || values.includes(`!${ANY_RULE}`))) {
    parts.push(values.includes(ANY_RULE) ? 'rule IS NOT NULL' : 'rule IS NULL');
  } else {
    const column = TEXT_FACETS[facet] ?? 'source';
    // The planner does not infer this from "= ANY($n)", and the partial indexes need it.
    if (chosen.length > 0) parts.push(`${column} IS NOT NULL`, `${column} = ANY(${add(chosen)}::text[])`);
    if (excluded.length > 0) parts.push(`(${column} IS NULL OR ${column} <> ALL(${add(excluded)}::text[]))`);
  }
  return parts;
}

function toPriority(value: string): number {
  const number = /^[0-7]$/.test(value) ? Number(value) : priorityNumber(value);
  if (number === undefined) throw invalid('f.priority', 'must be a priority word or 0 to 7');
  return number;
}

function parseScopeFilter(text: string): FilterNode | undefined {
  if (text.trim() === '') return undefined;
  const parsed = parseQuery(text);
  if (parsed.ok) return parsed.ast;
  throw new AppError(
    'bad_request',
    `The filter is not valid: ${parsed.faults[0]?.message ?? 'unknown fault'}`,
    {
      reason: 'filter_syntax',
      faults: parsed.faults
        .slice(0, 50)
        .map(({ line, column, message }) => ({ path: 'q', line, column, message })),
    },
  );
}

function invalid(path: string, message: string): AppError {
  return new AppError('bad_request', `${path} is not valid: ${message}.`, {
    reason: 'scope_invalid',
    faults: [{ path, message }],
  });
}
