import type { PoolClient } from 'pg';
import type { OverviewReply } from '../../core/wire/overview.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { readOnly } from '../db/read-only.ts';
import { TACTIC_PREFIX } from '../events/scope-sql.ts';
import { isoRange, type KpisQuery, wholeMinutes } from './kpis.ts';
import { type RuleCount, riskOf, type Weighed } from './workload-risk.ts';

const RULES_MAX = 10;
const WORKLOADS_MAX = 10;
const TIMEOUT_MS = 10_000;
/** Rules whose tags are looked up, most frequent first; each costs one index access. */
const TAGGED_RULES_MAX = 100;

type Params = readonly [clusterId: string, from: string, to: string, ns: readonly string[]];

/** Conditions shared by all panels; the parameters are Params. */
const ALERTS = `cluster_id = $1 AND metric = 'event' AND rule <> '' AND minute >= $2::timestamptz
  AND minute < $3::timestamptz AND (cardinality($4::text[]) = 0 OR namespace = ANY($4)) AND count > 0`;

/** The panels below the tiles: top rules, tactics and the workloads to look at first. */
export async function readOverview({ ctx, input }: { ctx: Ctx; input: KpisQuery }): Promise<OverviewReply> {
  requireRole(ctx, 'viewer');
  const range = isoRange(wholeMinutes(input));
  const params: Params = [ctx.config.clusterId, range.from, range.to, input.ns];
  return readOnly(ctx.pool, { timeoutMs: TIMEOUT_MS }, async (client) => {
    const rules = await readRules(client, params);
    return {
      topRules: rules.slice(0, RULES_MAX),
      tactics: await readTactics(client, params, rules),
      workloads: await readWorkloads(client, params),
      asOf: ctx.now().toISOString(),
    };
  });
}

async function readRules(client: PoolClient, params: Params): Promise<RuleCount[]> {
  const found = await client.query<{ rule: string; priority: number; count: string }>(
    `SELECT rule, min(priority) AS priority, sum(count) AS count FROM event_rollup WHERE ${ALERTS}
      GROUP BY rule ORDER BY sum(count) DESC, rule LIMIT ${TAGGED_RULES_MAX}`,
    [...params],
  );
  return found.rows.map((row) => ({ ...row, count: Number(row.count) }));
}

/** A rule's newest alert carries the tags that were in force when it fired, whichever ruleset that was. */
async function readTactics(
  client: PoolClient,
  [clusterId, from, to]: Params,
  rules: readonly RuleCount[],
): Promise<OverviewReply['tactics']> {
  const tactics = new Map<string, { count: number; priority: number }>();
  for (const counted of rules.slice(0, TAGGED_RULES_MAX)) {
    const newest = await client.query<{ tags: string[] }>({
      name: 'rule-tags',
      text: `SELECT tags FROM event WHERE cluster_id = $1 AND rule = $4 AND rule IS NOT NULL
                AND time >= $2::timestamptz AND time < $3::timestamptz ORDER BY time DESC LIMIT 1`,
      values: [clusterId, from, to, counted.rule],
    });
    for (const tag of new Set(newest.rows[0]?.tags)) {
      if (!tag.startsWith(TACTIC_PREFIX)) continue;
      const tactic = tag.slice(TACTIC_PREFIX.length);
      const known = tactics.get(tactic) ?? { count: 0, priority: 7 };
      const priority = Math.min(known.priority, counted.priority);
      tactics.set(tactic, { count: known.count + counted.count, priority });
    }
  }
  const rows = [...tactics].map(([tactic, counts]) => ({ tactic, ...counts }));
  return rows.sort((a, b) => b.count - a.count || a.tactic.localeCompare(b.tactic));
}

async function readWorkloads(client: PoolClient, params: Params): Promise<OverviewReply['workloads']> {
  const found = await client.query<Omit<Weighed, 'count'> & { count: string }>(
    `SELECT namespace, workload, rule, min(priority) AS priority, sum(count) AS count FROM event_rollup
      WHERE ${ALERTS} AND workload <> '' GROUP BY namespace, workload, rule
      ORDER BY min(priority), sum(count) DESC LIMIT 2000`,
    [...params],
  );
  const risks = riskOf(found.rows.map((row) => ({ ...row, count: Number(row.count) }))).slice(
    0,
    WORKLOADS_MAX,
  );
  const incidents = await readIncidents(client, params[0], risks);
  return risks.map((risk) => ({
    ...risk,
    incidentId: incidents.get(`${risk.namespace}/${risk.workload}`) ?? null,
  }));
}

/** The newest open incident of each workload. */
async function readIncidents(
  client: PoolClient,
  clusterId: string,
  workloads: readonly { readonly namespace: string; readonly workload: string }[],
): Promise<ReadonlyMap<string, number>> {
  if (workloads.length === 0) return new Map();
  const names = workloads.map(({ namespace, workload }) => `${namespace}/${workload}`);
  const found = await client.query<{ name: string; id: number }>(
    `SELECT entity->>'name' AS name, max(i.id) AS id
       FROM incident i, jsonb_array_elements(i.entities) AS entity
      WHERE i.cluster_id = $1 AND i.status = 'open' AND jsonb_typeof(i.entities) = 'array'
        AND entity->>'kind' = 'workload' AND entity->>'name' = ANY($2)
      GROUP BY 1`,
    [clusterId, names],
  );
  return new Map(found.rows.map(({ name, id }) => [name, id]));
}
