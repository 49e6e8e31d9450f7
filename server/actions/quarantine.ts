import { createHash } from 'node:crypto';
import { networkPolicySchema, type Pod, podSchema, serviceSchema } from '../cluster/kube-object.ts';
import { AppError } from '../errors.ts';
import { budgetChecks, type Owner, ownerOf, servicesWithEndpoint } from './blast-radius.ts';
import {
  type ActionDefinition,
  type Change,
  type Check,
  type Plan,
  type PlanInput,
  targetName,
} from './plan.ts';
import { protectedReason } from './protected-target.ts';
import { type LabelPlan, planLabels, QUARANTINE_LABEL } from './quarantine-labels.ts';
import { seenConnections } from './seen-connections.ts';

const LIST_MAX = 2_000;
export const PROTECTED_CHECK = 'Protected target';

/**
 * Cuts a pod off: a deny-all NetworkPolicy of its own, and none of the labels that keep traffic open.
 * RBAC: get, patch pods; list, create networkpolicies; list services; for the blast radius get of the
 * workload kinds, list endpointslices and poddisruptionbudgets.
 */
export const quarantine: ActionDefinition = {
  kind: 'quarantine',
  targetKind: 'pod',
  done: (target) => `quarantined ${targetName(target)}. A deny-all NetworkPolicy is in place`,
  plan: planQuarantine,
  inverse: 'release',
};

export function podPath(target: { readonly namespace: string; readonly name: string }): string {
  return `/api/v1/namespaces/${encodeURIComponent(target.namespace)}/pods/${encodeURIComponent(target.name)}`;
}

export function policiesPath(namespace: string): string {
  return `/apis/networking.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/networkpolicies`;
}

async function planQuarantine(input: PlanInput): Promise<Plan> {
  const { api, target, ctx } = input;
  if (target.kind !== 'pod') throw new AppError('bad_request', 'Only pods can be quarantined.');
  const pod = await api.find(podSchema, podPath(target));
  if (pod === undefined) throw new AppError('not_found', `There is no pod ${targetName(target)}.`);
  const checks: Check[] = podChecks(input, pod);
  const [policies, services, owner, endpoints, connections] = await Promise.all([
    api.list(networkPolicySchema, policiesPath(target.namespace), { max: LIST_MAX }),
    api.list(serviceSchema, `/api/v1/namespaces/${encodeURIComponent(target.namespace)}/services`, {
      max: LIST_MAX,
    }),
    ownerOf(input, pod, checks),
    servicesWithEndpoint(input, pod, checks),
    seenConnections(ctx, target),
    budgetChecks(input, pod, checks),
  ]);
  const id = createHash('sha256').update(pod.metadata.uid).digest('hex').slice(0, 10);
  const labels = planLabels({
    labels: pod.metadata.labels,
    id,
    policies: policies.items,
    services: services.items,
    owner: owner?.selector ?? null,
  });
  const policyName = `eyrie-quarantine-${id}`;
  checks.push(...policyChecks(labels));
  return {
    effect:
      'All traffic to and from this pod will be blocked. The pod keeps running, so memory and files stay available as evidence. It can be undone.',
    undo: 'Release puts the labels back and deletes the policy. Cut connections do not return, and a ReplicaSet that has started a replacement deletes one of the pods.',
    blastRadius: [
      { value: '1', label: 'pod isolated' },
      ...replicas(owner),
      {
        value: String(endpoints.length),
        label: `${endpoints.length === 1 ? 'Service loses' : 'Services lose'} this endpoint`,
      },
      { value: String(connections.length), label: 'connections seen in the last 10 minutes' },
    ],
    warnings: warningsOf({ pod, owner, connections: connections.length, services: labels.services }),
    checks,
    access: [
      {
        verb: 'create',
        group: 'networking.k8s.io',
        resource: 'networkpolicies',
        namespace: target.namespace,
        name: undefined,
      },
      {
        verb: 'delete',
        group: 'networking.k8s.io',
        resource: 'networkpolicies',
        namespace: target.namespace,
        name: policyName,
      },
      { verb: 'patch', group: '', resource: 'pods', namespace: target.namespace, name: target.name },
    ],
    // The policy first: the labels then move the pod from its old policies to this one in one step.
    changes: [
      policyChange(input, { id, policyName, namespace: target.namespace }),
      {
        verb: 'patch',
        kind: 'Pod',
        namespace: target.namespace,
        name: target.name,
        path: podPath(target),
        before: { ...pod, kind: 'Pod', apiVersion: 'v1' },
        body: {
          metadata: {
            labels: {
              ...Object.fromEntries(Object.keys(labels.removed).map((key) => [key, null])),
              [QUARANTINE_LABEL]: id,
            },
          },
        },
      },
    ],
    connections,
    preImage: { uid: pod.metadata.uid, labels: pod.metadata.labels, policy: policyName },
    postImage: { uid: pod.metadata.uid, labels: labels.after, policy: policyName },
  };
}

function policyChange(
  { options, incidentId }: PlanInput,
  { id, policyName, namespace }: { id: string; policyName: string; namespace: string },
): Change {
  const dns = {
    to: [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
        podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      },
    ],
    ports: [
      { protocol: 'UDP', port: 53 },
      { protocol: 'TCP', port: 53 },
    ],
  };
  return {
    verb: 'create',
    kind: 'NetworkPolicy',
    namespace,
    name: policyName,
    path: policiesPath(namespace),
    before: null,
    body: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: {
        name: policyName,
        namespace,
        labels: { 'app.kubernetes.io/managed-by': 'eyrie' },
        ...(incidentId === undefined ? {} : { annotations: { 'eyrie.dev/incident': `INC-${incidentId}` } }),
      },
      spec: {
        podSelector: { matchLabels: { [QUARANTINE_LABEL]: id } },
        policyTypes: ['Ingress', 'Egress'],
        ...(options.allowDns ? { egress: [dns] } : {}),
      },
    },
  };
}

function podChecks({ cluster }: PlanInput, pod: Pod): Check[] {
  const reason = protectedReason(cluster, pod);
  const quarantined = pod.metadata.labels[QUARANTINE_LABEL] !== undefined;
  return [
    {
      name: PROTECTED_CHECK,
      state: reason === null ? 'pass' : 'fail',
      detail: reason ?? 'The pod is not one of the protected targets.',
      by: 'Eyrie',
    },
    {
      name: 'State',
      state: quarantined ? 'fail' : 'pass',
      detail: quarantined ? 'The pod carries a quarantine label already.' : 'The pod is not quarantined.',
      by: 'API server',
    },
    {
      name: 'Pod network',
      state: pod.spec.hostNetwork ? 'fail' : 'pass',
      detail: pod.spec.hostNetwork
        ? 'The pod uses the node’s network, to which NetworkPolicies do not apply.'
        : 'The pod has its own network, to which NetworkPolicies apply.',
      by: 'API server',
    },
  ];
}

/** NetworkPolicies add up: traffic stays open while any policy that allows it selects the pod. */
function policyChecks(labels: LabelPlan): Check[] {
  if (labels.policies.length === 0) {
    const detail = 'No NetworkPolicy allows traffic of this pod.';
    return [{ name: 'Other policies', state: 'pass', detail, by: 'API server' }];
  }
  return labels.policies.map((policy) => ({
    name: `Policy ${policy.name} allows traffic`,
    state: policy.stays ? 'warn' : 'pass',
    detail: policy.stays
      ? 'It selects the pod whatever its labels are, so what it allows stays open. Change or delete that policy too.'
      : `Removing ${listed(policy.labels)} takes the pod out of it.`,
    by: 'API server',
  }));
}

function replicas(owner: Owner | null): Plan['blastRadius'] {
  if (owner === null || owner.ready === null || owner.wanted === null) return [];
  const left = Math.max(0, owner.ready - 1);
  return [{ value: `${left} of ${owner.wanted}`, label: `${owner.name} replicas keep serving` }];
}

function warningsOf(input: {
  readonly pod: Pod;
  readonly owner: Owner | null;
  readonly connections: number;
  readonly services: readonly string[];
}): string[] {
  const { pod, owner } = input;
  const out: string[] = [];
  if (owner !== null && owner.ready !== null && owner.ready <= 1) {
    const until = owner.kind === 'StatefulSet' ? '' : ' until a replacement is ready';
    out.push(`This is the last ready replica of ${owner.kind}/${owner.name}: nothing serves${until}.`);
  }
  if (owner?.kind === 'StatefulSet') {
    out.push('The StatefulSet cannot start a replacement while a pod of this name exists.');
  } else if (owner !== null && owner.selector !== null) {
    out.push(
      `${owner.kind}/${owner.name} starts a replacement pod, because the labels it selects by are removed.`,
    );
  } else if (owner === null) {
    out.push('Nothing owns this pod: no replacement is started.');
  }
  const scratch = pod.spec.volumes.filter(
    (volume) => volume.emptyDir !== undefined && volume.emptyDir !== null,
  );
  if (scratch.length > 0) {
    out.push(
      `Files in emptyDir ${listed(scratch.map(({ name }) => name))} are lost when the pod is deleted. Collect them first.`,
    );
  }
  if (input.connections > 0) {
    out.push(
      'Connections that are open already may outlive the policy: whether they are cut depends on the network plugin.',
    );
  }
  return out;
}

function listed(names: readonly string[]): string {
  return names.length <= 1 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
