import { existsSync, readFileSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';

const IN_CLUSTER = '/var/run/secrets/kubernetes.io/serviceaccount';

export type Connection =
  | { readonly configured: true; readonly kube: KubeConfig; readonly ownNamespace: string | null }
  | { readonly configured: false; readonly error: string | null; readonly help: string };

export const CLUSTER_HELP =
  'Eyrie has no access to a Kubernetes API. Start it with ./eyrie up --kubeconfig FILE or --test-cluster; ' +
  'a server that runs in the cluster uses the identity of its service account.';

/**
 * Finds the identity for the Kubernetes API: the configured kubeconfig (a list of files takes the first
 * that exists), else the pod's service account, else none.
 */
export function connect(kubeconfig: string | undefined): Connection {
  const kube = new KubeConfig();
  if (kubeconfig === undefined) {
    if (!existsSync(`${IN_CLUSTER}/token`)) return { configured: false, error: null, help: CLUSTER_HELP };
    kube.loadFromCluster();
    return { configured: true, kube, ownNamespace: readFileSync(`${IN_CLUSTER}/namespace`, 'utf8').trim() };
  }
  const file = kubeconfig.split(':').find((path) => existsSync(path));
  if (file === undefined) {
    return { configured: false, error: `The kubeconfig ${kubeconfig} does not exist.`, help: CLUSTER_HELP };
  }
  try {
    kube.loadFromFile(file);
  } catch (err) {
    const why = err instanceof Error ? err.message.slice(0, 300) : 'unreadable';
    return { configured: false, error: `The kubeconfig ${file} is not readable: ${why}`, help: CLUSTER_HELP };
  }
  if (!kube.getCurrentCluster()) {
    return { configured: false, error: `The kubeconfig ${file} has no current context.`, help: CLUSTER_HELP };
  }
  return { configured: true, kube, ownNamespace: null };
}
