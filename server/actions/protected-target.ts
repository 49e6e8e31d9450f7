import { hostname } from 'node:os';
import type { Cluster } from '../cluster/cluster.ts';
import type { Pod } from '../cluster/kube-object.ts';

const SYSTEM_NAMESPACES = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

/** Why a pod must never be touched; null when it may. */
export function protectedReason(cluster: Cluster, pod: Pod): string | null {
  const namespace = pod.metadata.namespace ?? '';
  if (SYSTEM_NAMESPACES.has(namespace)) return `${namespace} holds the cluster’s own parts.`;
  const own = cluster.connection.configured ? cluster.connection.ownNamespace : null;
  if (own !== null && own === namespace) return `${namespace} is the namespace Eyrie runs in.`;
  if (pod.metadata.labels['app.kubernetes.io/part-of'] === 'eyrie' || pod.metadata.name === hostname()) {
    return 'The pod is part of Eyrie.';
  }
  if ('kubernetes.io/config.mirror' in pod.metadata.annotations) {
    return 'The pod is static: the kubelet runs it from a file and its labels do not count.';
  }
  return null;
}
