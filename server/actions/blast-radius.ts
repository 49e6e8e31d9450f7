import { KubeError } from '../cluster/kube-api.ts';
import {
  disruptionBudgetSchema,
  endpointSliceSchema,
  type Pod,
  type Selector,
  selects,
  type Workload,
  workloadSchema,
} from '../cluster/kube-object.ts';
import type { Check, PlanInput } from './plan.ts';

const LIST_MAX = 2_000;
const PATHS: Record<string, string> = {
  ReplicaSet: 'apps/v1/replicasets',
  StatefulSet: 'apps/v1/statefulsets',
  DaemonSet: 'apps/v1/daemonsets',
  Deployment: 'apps/v1/deployments',
  Job: 'batch/v1/jobs',
};

export type Owner = {
  readonly kind: string;
  readonly name: string;
  readonly selector: Selector | null;
  /** Null where the kind has no replicas or its object may not be read. */
  readonly ready: number | null;
  readonly wanted: number | null;
};

/** Finds a pod's controller; a ReplicaSet that belongs to a Deployment answers with the Deployment's name. */
export async function ownerOf(input: PlanInput, pod: Pod, checks: Check[]): Promise<Owner | null> {
  const reference = pod.metadata.ownerReferences.find((owner) => owner.controller);
  if (reference === undefined) return null;
  const direct = await readOwner(input, pod, reference.kind, reference.name, checks);
  const above = direct?.metadata.ownerReferences.find((owner) => owner.controller);
  const shown = above ?? reference;
  return {
    kind: shown.kind,
    name: shown.name,
    selector: direct?.spec.selector ?? null,
    ready: direct === undefined ? null : (direct.status.numberReady ?? direct.status.readyReplicas),
    wanted: direct?.spec.replicas ?? direct?.status.desiredNumberScheduled ?? null,
  };
}

async function readOwner(
  { api }: PlanInput,
  pod: Pod,
  kind: string,
  name: string,
  checks: Check[],
): Promise<Workload | undefined> {
  const path = PATHS[kind];
  if (path === undefined) return undefined;
  const [group, version, resource] = path.split('/');
  return await readable(`read ${resource}`, checks, () =>
    api.find(
      workloadSchema,
      `/apis/${group}/${version}/namespaces/${pod.metadata.namespace}/${resource}/${name}`,
    ),
  );
}

/** Services whose EndpointSlices hold the pod now. */
export async function servicesWithEndpoint(
  input: PlanInput,
  pod: Pod,
  checks: Check[],
): Promise<readonly string[]> {
  const path = `/apis/discovery.k8s.io/v1/namespaces/${pod.metadata.namespace}/endpointslices`;
  const found = await readable('read endpointslices', checks, () =>
    input.api.list(endpointSliceSchema, path, { max: LIST_MAX }),
  );
  const names = (found?.items ?? [])
    .filter((slice) =>
      slice.endpoints?.some(
        ({ targetRef }) => targetRef?.kind === 'Pod' && targetRef.name === pod.metadata.name,
      ),
    )
    .map((slice) => slice.metadata.labels['kubernetes.io/service-name'] ?? slice.metadata.name);
  return [...new Set(names)].sort();
}

/** What the PodDisruptionBudgets of a pod say about losing it. */
export async function budgetChecks(input: PlanInput, pod: Pod, checks: Check[]): Promise<void> {
  const path = `/apis/policy/v1/namespaces/${pod.metadata.namespace}/poddisruptionbudgets`;
  const found = await readable('read poddisruptionbudgets', checks, () =>
    input.api.list(disruptionBudgetSchema, path, { max: LIST_MAX }),
  );
  for (const budget of found?.items ?? []) {
    if (budget.spec.selector == null || !selects(budget.spec.selector, pod.metadata.labels)) continue;
    const left = budget.status.disruptionsAllowed;
    checks.push({
      name: `Disruption budget ${budget.metadata.name}`,
      state: left > 0 ? 'pass' : 'warn',
      detail:
        left > 0
          ? `Allows ${left} more ${left === 1 ? 'pod' : 'pods'} to be missing.`
          : 'Allows no pod to be missing; isolating one breaks the promise it makes.',
      by: 'API server',
    });
  }
}

/** Runs a read that only informs: without permission the preview says what it cannot tell. */
export async function readable<T>(
  what: string,
  checks: Check[],
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (err) {
    if (!(err instanceof KubeError) || err.status !== 403) throw err;
    checks.push({
      name: `Blast radius: ${what}`,
      state: 'warn',
      detail: `Not allowed, so this part of the blast radius is unknown. ${err.message}`,
      by: 'API server',
    });
    return undefined;
  }
}
