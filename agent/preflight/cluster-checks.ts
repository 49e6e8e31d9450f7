import { accessSync, constants, existsSync } from 'node:fs';
import { z } from 'zod';
import type { PreflightItem } from '../../core/wire/agents.ts';
import { kubeGet } from '../enrich/kube-client.ts';
import { inCluster, kubeAccess } from '../enrich/kube-config.ts';

const API_TIMEOUT_MS = 5_000;
const CRI_SOCKETS = [
  '/run/containerd/containerd.sock',
  '/run/k3s/containerd/containerd.sock',
  '/run/crio/crio.sock',
  '/var/run/cri-dockerd.sock',
  '/run/docker.sock',
] as const;
const versionSchema = z.object({ gitVersion: z.string().max(64) });

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
  if (kubeconfig === undefined && !inCluster()) {
    return {
      name,
      state: 'off',
      detail: 'no cluster configured: events carry container ids but no pod names',
      fix: 'Pass --kubeconfig PATH, or run the agent in the cluster.',
    };
  }
  try {
    const access = kubeAccess(kubeconfig);
    const signal = AbortSignal.timeout(API_TIMEOUT_MS);
    const { gitVersion } = versionSchema.parse(await kubeGet(access, { path: '/version', signal }));
    return { name, state: 'ok', detail: `${access.server} ${gitVersion}` };
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
