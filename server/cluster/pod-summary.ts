import { type Node, nodeSchema, type Pod, podSchema } from './kube-object.ts';

/** What pages need of a pod; cut from the whole object before it is cached. */
export type PodSummary = {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly phase: string | null;
  readonly node: string | null;
  readonly ip: string | null;
  readonly owner: string | null;
  readonly serviceAccount: string | null;
  readonly containers: readonly { name: string; image: string; ready: boolean; privileged: boolean }[];
};

export function cutPod(object: unknown): PodSummary {
  const pod = podSchema.parse(object);
  const ready = new Map(pod.status.containerStatuses.map((status) => [status.name, status.ready]));
  return {
    metadata: { name: pod.metadata.name, namespace: pod.metadata.namespace ?? '' },
    uid: pod.metadata.uid,
    labels: pod.metadata.labels,
    phase: pod.status.phase ?? null,
    node: pod.spec.nodeName ?? null,
    ip: pod.status.podIP ?? null,
    owner: workloadOf(pod),
    serviceAccount: pod.spec.serviceAccountName ?? null,
    containers: pod.spec.containers.map((container) => ({
      name: container.name,
      image: container.image,
      ready: ready.get(container.name) ?? false,
      privileged: container.securityContext?.privileged ?? false,
    })),
  };
}

export type NodeSummary = {
  readonly metadata: { readonly name: string };
  readonly createdAt: string | null;
  readonly ready: boolean | null;
  readonly unschedulable: boolean;
  readonly controlPlane: boolean;
  readonly kubeletVersion: string | null;
  readonly osImage: string | null;
  readonly kernelVersion: string | null;
  readonly internalIp: string | null;
};

export function cutNode(object: unknown): NodeSummary {
  const node = nodeSchema.parse(object);
  const info = node.status.nodeInfo;
  const ready = node.status.conditions.find((condition) => condition.type === 'Ready');
  return {
    metadata: { name: node.metadata.name },
    createdAt: isoOrNull(node.metadata.creationTimestamp),
    ready: ready === undefined || ready.status === 'Unknown' ? null : ready.status === 'True',
    unschedulable: node.spec.unschedulable,
    controlPlane: isControlPlane(node),
    kubeletVersion: info.kubeletVersion ?? null,
    osImage: info.osImage ?? null,
    kernelVersion: info.kernelVersion ?? null,
    internalIp: node.status.addresses.find((address) => address.type === 'InternalIP')?.address ?? null,
  };
}

export function isControlPlane(node: Node): boolean {
  return 'node-role.kubernetes.io/control-plane' in node.metadata.labels;
}

/**
 * `Kind/name` of the workload that made a pod. A Deployment's ReplicaSet is named after it and the
 * pod-template-hash, so the Deployment is known without asking.
 */
export function workloadOf(pod: Pod): string | null {
  const owner =
    pod.metadata.ownerReferences.find((reference) => reference.controller) ?? pod.metadata.ownerReferences[0];
  if (owner === undefined) return null;
  const hash = pod.metadata.labels['pod-template-hash'];
  if (owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`)) {
    return `Deployment/${owner.name.slice(0, -hash.length - 1)}`;
  }
  return `${owner.kind}/${owner.name}`;
}

function isoOrNull(text: string | null | undefined): string | null {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
