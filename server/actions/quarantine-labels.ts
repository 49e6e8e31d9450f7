import { type NetworkPolicy, type Selector, type Service, selects } from '../cluster/kube-object.ts';

export const QUARANTINE_LABEL = 'eyrie.dev/quarantine';
type Labels = Readonly<Record<string, string>>;

export type LabelPlan = {
  /** The pod's labels afterwards. */
  readonly after: Labels;
  /** What is taken away, with its values. */
  readonly removed: Labels;
  /** Policies that allow traffic of the pod now: NetworkPolicies add up, so each keeps its traffic open. */
  readonly policies: readonly {
    readonly name: string;
    readonly labels: readonly string[];
    /** True when no label can take the pod out, e.g. the selector is empty. */
    readonly stays: boolean;
  }[];
  readonly services: readonly string[];
};

/**
 * Works out the labels of a quarantined pod: everything by which an allowing NetworkPolicy, a Service or
 * the owner selects it goes, the quarantine label comes.
 */
export function planLabels(input: {
  readonly labels: Labels;
  readonly id: string;
  readonly policies: readonly NetworkPolicy[];
  readonly services: readonly Service[];
  readonly owner: Selector | null;
}): LabelPlan {
  const { labels, id } = input;
  const allowing = input.policies.filter(
    (policy) => allows(policy) && selects(policy.spec.podSelector, labels),
  );
  const serving = input.services.filter((service) => serves(service, labels));
  const keys = new Set<string>();
  for (const policy of allowing) for (const key of keysOf(policy.spec.podSelector, labels)) keys.add(key);
  for (const service of serving) for (const key of Object.keys(service.spec.selector ?? {})) keys.add(key);
  if (input.owner !== null && selects(input.owner, labels)) {
    for (const key of keysOf(input.owner, labels)) keys.add(key);
  }
  const kept = Object.entries(labels).filter(([key]) => !keys.has(key));
  const after = { ...Object.fromEntries(kept), [QUARANTINE_LABEL]: id };
  return {
    after,
    removed: Object.fromEntries(Object.entries(labels).filter(([key]) => keys.has(key))),
    policies: allowing.map((policy) => ({
      name: policy.metadata.name,
      labels: keysOf(policy.spec.podSelector, labels),
      stays: selects(policy.spec.podSelector, after),
    })),
    services: serving.map((service) => service.metadata.name),
  };
}

/** True when a policy opens anything: one without rules only closes. */
function allows(policy: NetworkPolicy): boolean {
  return policy.spec.ingress.length > 0 || policy.spec.egress.length > 0;
}

/** A Service without a selector has hand-made endpoints, which no label changes. */
function serves(service: Service, labels: Labels): boolean {
  const wanted = Object.entries(service.spec.selector ?? {});
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
}

function keysOf(by: Selector, labels: Labels): string[] {
  const demanded = by.matchExpressions
    .filter(({ key, operator }) => (operator === 'In' || operator === 'Exists') && key in labels)
    .map(({ key }) => key);
  return [...new Set([...Object.keys(by.matchLabels), ...demanded])];
}
