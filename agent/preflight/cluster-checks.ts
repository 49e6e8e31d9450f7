import { accessSync, constants, existsSync } from 'node:fs';
import { z } from 'zod';
import type { PreflightItem } from '../../core/wire/agents.ts';
import { criVersion } from '../enrich/cri.ts';
import { kubeGet } from '../enrich/kube-client.ts';
import { inCluster, kubeAccess } from '../enrich/kube-config.ts';

const API_TIMEOUT_MS = 5_000;
const CRI_TIMEOUT_MS = 2_000;
/** Where the common runtimes listen; looked at for a hint, never connected to unasked. */
const CRI_SOCKETS = [
  '/run/containerd/containerd.sock',
  '/run/crio/crio.sock',
  '/run/k3s/containerd/containerd.sock',
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

/** Says whether the runtime's socket is used, and by whom it is refused or unanswered when it is not. */
export async function checkCriSocket(path: string | undefined): Promise<PreflightItem> {
  const name = 'container runtime';
  if (path === undefined) return { name, state: 'off', ...criHint() };
  try {
    return { name, state: 'ok', detail: `${await criVersion(path, CRI_TIMEOUT_MS)} at ${path}` };
  } catch (error) {
    return { name, state: 'degraded', ...criFault(path, error) };
  }
}

function criHint(): { readonly detail: string; readonly fix?: string } {
  const found = CRI_SOCKETS.find((path) => existsSync(path));
  if (found === undefined)
    return { detail: 'not asked, and no known socket: names come from the pod status' };
  return {
    detail: `${found} is there and not asked: names come from the pod status, seconds after the start`,
    fix: `Optional: --cri-socket ${found} names containers at once. Whoever may talk to it is root on the node.`,
  };
}

function criFault(path: string, error: unknown): { readonly detail: string; readonly fix: string } {
  const reason = (error instanceof Error ? error.message : String(error)).slice(0, 300);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EACCES' || code === 'EPERM') {
    return {
      detail: `${path} refuses user ${process.getuid?.() ?? '?'}: ${reason}`,
      fix: 'Start the agent with ./eyrie, which gives it the group of the socket, and let that group write to it.',
    };
  }
  return {
    detail: `${path} is not reachable: ${reason}`,
    fix: 'Give the socket of the running runtime (crictl info names it), or leave --cri-socket out.',
  };
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
