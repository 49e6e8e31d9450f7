import { z } from 'zod';
import { waitFor } from './command.ts';
import { daemonLogTail, daemonNames, daemonPid } from './daemon.ts';
import type { KubeApi } from './kube-api.ts';
import type { ClusterLayout } from './paths.ts';

const conditionSchema = z.object({ type: z.string(), status: z.string() });
const nodeSchema = z.object({ status: z.object({ conditions: z.array(conditionSchema).default([]) }) });
const podSchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    deletionTimestamp: z.string().optional(),
  }),
  status: z.object({
    phase: z.string(),
    podIP: z.string().optional(),
    conditions: z.array(conditionSchema).default([]),
  }),
});
const podListSchema = z.object({ items: z.array(podSchema) });
export type Pod = {
  readonly namespace: string;
  readonly name: string;
  readonly app: string | undefined;
  readonly phase: string;
  readonly ip: string | undefined;
  readonly ready: boolean;
};

export async function apiReady(api: KubeApi): Promise<boolean> {
  return (await api.call('GET', '/readyz')).status === 200;
}

export async function nodeReady(api: KubeApi, name: string): Promise<boolean> {
  const reply = await api.call('GET', `/api/v1/nodes/${name}`);
  return reply.status === 200 && isReady(nodeSchema.parse(reply.body).status.conditions);
}

/** Pods of one namespace or of all; those on their way out are left out. */
export async function listPods(api: KubeApi, namespace?: string): Promise<Pod[]> {
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
  const { body } = await api.call('GET', `/api/v1${scope}/pods`);
  return podListSchema.parse(body).items.flatMap(({ metadata, status }) => {
    if (metadata.deletionTimestamp !== undefined) return [];
    const { name, labels } = metadata;
    const ready = isReady(status.conditions);
    return [
      {
        namespace: metadata.namespace,
        name,
        app: labels.app,
        phase: status.phase,
        ip: status.podIP,
        ready,
      },
    ];
  });
}

export async function hasDefaultServiceAccount(api: KubeApi, namespace: string): Promise<boolean> {
  return (await api.call('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`)).status === 200;
}

/** Waits for a state and gives up at once, with its log, when a daemon of the cluster has died meanwhile. */
export function waitForCluster(
  layout: ClusterLayout,
  what: string,
  probe: () => Promise<boolean>,
  timeoutMs = 120_000,
): Promise<true> {
  let dead: string | undefined;
  return waitFor(
    what,
    async () => {
      dead = daemonNames(layout).find((name) => daemonPid(layout, name) === undefined);
      if (dead !== undefined) return true as const;
      return (await probe()) ? (true as const) : undefined;
    },
    { timeoutMs, everyMs: 150 },
  ).then((value) => {
    if (dead !== undefined)
      throw new Error(`${dead} ended while waiting for ${what}:\n${daemonLogTail(layout, dead)}`);
    return value;
  });
}

function isReady(conditions: readonly { type: string; status: string }[]): boolean {
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}
