import { accessSync, constants, existsSync } from 'node:fs';
import { KubeConfig, VersionApi } from '@kubernetes/client-node';
import type { PreflightItem } from '../../core/wire/agents.ts';

const API_TIMEOUT_MS = 5_000;
const CRI_SOCKETS = [
  '/run/containerd/containerd.sock',
  '/run/k3s/containerd/containerd.sock',
  '/run/crio/crio.sock',
  '/var/run/cri-dockerd.sock',
  '/run/docker.sock',
] as const;
const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

export function checkAuditLog(path: string | undefined): PreflightItem {
  if (path === undefined) {
    return {
      name: 'audit log',
      state: 'off',
      detail: 'no path given: audit events arrive by webhook only',
      fix: 'On control plane nodes pass --audit-log PATH, or point the API server’s audit webhook at the server.',
    };
  }
  if (!existsSync(path)) {
    return {
      name: 'audit log',
      state: 'degraded',
      detail: `${path} does not exist yet`,
      fix: 'Start the API server with --audit-log-path and --audit-policy-file; the agent waits for the file.',
    };
  }
  try {
    accessSync(path, constants.R_OK);
    return { name: 'audit log', state: 'ok', detail: path };
  } catch {
    return {
      name: 'audit log',
      state: 'blind',
      detail: `${path} may not be read by user ${process.getuid?.() ?? '?'}`,
      fix: `Let the agent's group read it: chgrp AGENT ${path} && chmod g+r ${path}`,
    };
  }
}

/** Pod metadata comes from the Kubernetes API; the socket tells which runtime runs, nothing more is asked of it. */
export function checkCriSocket(): PreflightItem {
  const socket = CRI_SOCKETS.find((path) => existsSync(path));
  return socket === undefined
    ? {
        name: 'container runtime',
        state: 'off',
        detail: 'no known runtime socket; containers are told by cgroup',
      }
    : { name: 'container runtime', state: 'ok', detail: socket };
}

export async function checkKubernetes(kubeconfig: string | undefined): Promise<PreflightItem> {
  const name = 'kubernetes api';
  if (kubeconfig === undefined && !existsSync(SERVICE_ACCOUNT_TOKEN)) {
    return {
      name,
      state: 'off',
      detail: 'no cluster configured: events carry container ids but no pod names',
      fix: 'Pass --kubeconfig PATH, or run the agent in the cluster.',
    };
  }
  try {
    const config = new KubeConfig();
    if (kubeconfig === undefined) config.loadFromCluster();
    else config.loadFromFile(kubeconfig);
    const version = await withTimeout(config.makeApiClient(VersionApi).getCode());
    return { name, state: 'ok', detail: `${config.getCurrentCluster()?.server} ${version.gitVersion}` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      name,
      state: 'degraded',
      detail: `not reachable: ${reason.slice(0, 300)}`,
      fix: 'Check the kubeconfig’s server address and credentials; pods stay unnamed until it answers.',
    };
  }
}

function withTimeout<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer in ${API_TIMEOUT_MS} ms`)), API_TIMEOUT_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
