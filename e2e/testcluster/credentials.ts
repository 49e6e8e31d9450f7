import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { KubeApi } from './kube-api.ts';
import type { ClusterLayout, ClusterOptions } from './paths.ts';
import { kubeconfig } from './pki.ts';
import { API_PORT_INSIDE, WEBHOOK_PORT_INSIDE } from './start-daemons.ts';
import type { ClusterState } from './state.ts';

/** People with static tokens, and their groups; manifests/users.yaml gives them rights. */
const USERS = { alice: 'dev', mallory: 'contractors', auditor: 'audit' } as const;
export type ClusterUser = keyof typeof USERS;
/** The server and the agent use their tokens as long as the cluster lives. */
const TOKEN_SECONDS = 30 * 24 * 3_600;

/** A fresh token for each user. */
export function makeUsers(): Record<string, string> {
  return Object.fromEntries(Object.keys(USERS).map((user) => [user, randomBytes(24).toString('base64url')]));
}

/** Kubeconfigs of the control plane and the users, the token file, and the audit webhook's configuration. */
export function writeCredentials(
  layout: ClusterLayout,
  state: ClusterState,
  auditWebhook: ClusterOptions['auditWebhook'],
): void {
  const conf = (name: string, text: string) =>
    writeFileSync(join(layout.confDir, name), text, { mode: 0o600 });
  const inside = `https://127.0.0.1:${API_PORT_INSIDE}`;
  const outside = `https://127.0.0.1:${state.apiPort}`;
  for (const certificate of ['kcm', 'scheduler', 'proxy', 'node'] as const)
    conf(`${certificate}.kubeconfig`, kubeconfig(layout, inside, { certificate }));
  writeFileSync(layout.adminKubeconfig, kubeconfig(layout, outside, { certificate: 'admin' }), {
    mode: 0o600,
  });
  const lines = Object.entries(USERS).map(([user, group], index) => {
    const token = state.users[user] ?? '';
    conf(`${user}.kubeconfig`, kubeconfig(layout, outside, { token }));
    return `${token},${user},${1_001 + index},"${group}"\n`;
  });
  conf('tokens.csv', lines.join(''));
  if (auditWebhook === undefined) return;
  const url = new URL(auditWebhook.url);
  if (url.protocol !== 'http:' || url.hostname !== '127.0.0.1')
    throw new Error(`the audit webhook must be http://127.0.0.1:PORT/…, not ${auditWebhook.url}`);
  url.protocol = 'https:';
  url.port = String(WEBHOOK_PORT_INSIDE);
  conf('webhook.kubeconfig', kubeconfig(layout, url.href, { token: auditWebhook.token }));
}

const tokenReplySchema = z.object({ status: z.object({ token: z.string() }) });

/** Kubeconfigs of the product's server and agent, with tokens of their service accounts. */
export async function writeProductCredentials(
  layout: ClusterLayout,
  state: ClusterState,
  api: KubeApi,
): Promise<void> {
  for (const [account, path] of [
    ['eyrie-server', layout.serverKubeconfig],
    ['eyrie-agent', layout.agentKubeconfig],
  ] as const) {
    const reply = await api.call('POST', `/api/v1/namespaces/eyrie/serviceaccounts/${account}/token`, {
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds: TOKEN_SECONDS },
      },
    });
    const { token } = tokenReplySchema.parse(reply.body).status;
    writeFileSync(path, kubeconfig(layout, `https://127.0.0.1:${state.apiPort}`, { token }), { mode: 0o600 });
  }
}
