import type { Category, Source } from '../../core/events/event.ts';
import type { KpiKey } from '../../core/wire/overview.ts';

export type KpiDefinition = {
  readonly key: KpiKey;
  readonly label: string;
  /** Metrics of event_rollup that are summed; no event carries two of one definition. */
  readonly metrics: readonly (Category | 'event')[];
  /** Only of this source: what the logs of nodes add under the audit log's category is shown apart. */
  readonly source?: Source;
  /** Only events that a rule matched. */
  readonly alertsOnly: boolean;
  /** Facet selections of the Events page that list exactly the counted events. */
  readonly facets: readonly (readonly [string, string])[];
};

function ofCategories(key: KpiKey, label: string, ...metrics: Category[]): KpiDefinition {
  const facets = metrics.map((metric) => ['category', metric] as const);
  return { key, label, metrics, alertsOnly: false, facets };
}

/** The KPIs in tile order. One definition serves the number, its history and its link. */
export const KPIS: readonly KpiDefinition[] = [
  {
    ...ofCategories('auth_failures', 'Auth failures', 'auth_failure'),
    source: 'k8s_audit',
    facets: [
      ['category', 'auth_failure'],
      ['source', 'k8s_audit'],
    ],
  },
  ofCategories('rbac_denials', 'RBAC denials', 'rbac_denial'),
  ofCategories('psa_violations', 'PSA violations', 'psa_violation'),
  {
    key: 'rule_hits',
    label: 'Rule hits',
    metrics: ['event'],
    alertsOnly: true,
    facets: [['rule', '*']],
  },
  ofCategories('anomalous_connections', 'Anomalous connections', 'anomalous_connection'),
  ofCategories('admission_denials', 'Admission denials', 'admission_denial'),
  ofCategories('secret_reads', 'Secret reads', 'secret_read'),
  ofCategories('exec_sessions', 'Exec sessions', 'exec', 'attach', 'port_forward'),
  ofCategories('rbac_changes', 'RBAC changes', 'rbac_change'),
  {
    ...ofCategories('node_auth_failures', 'Node login failures', 'auth_failure'),
    source: 'node_log',
    facets: [
      ['category', 'auth_failure'],
      ['source', 'node_log'],
    ],
  },
  ofCategories('resource_exhaustion', 'Resources exhausted', 'resource_exhaustion'),
];

/** Path and query of the Events page for a definition in a scope. */
export function eventsLink(
  definition: KpiDefinition,
  scope: { readonly from: string; readonly to: string; readonly ns: readonly string[] },
): string {
  const query = new URLSearchParams({ from: scope.from, to: scope.to });
  for (const namespace of scope.ns) query.append('ns', namespace);
  for (const [facet, value] of definition.facets) query.append(`f.${facet}`, value);
  return `/events?${query}`;
}
