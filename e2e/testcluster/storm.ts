import { z } from 'zod';
import { waitFor } from './command.ts';
import { WORKLOAD_IMAGE } from './image.ts';
import { hasDefaultServiceAccount } from './readiness.ts';
import type { TestCluster } from './test-cluster.ts';

export const STORM_NAMESPACE = 'storm';
/** Environment variable that tells, in every process of a container, which one it is: `pod/container`. */
export const STORM_MARK = 'EYRIE_STORM';
/** Programs that each container runs: a shell and this many others. */
const PROGRAMS = 3;
export const STORM_EXECS = PROGRAMS + 1;

export type StormTruth = {
  /** Pod name by uid. */
  readonly pods: ReadonlyMap<string, string>;
  /** Container name by container id, as the API says after the end. */
  readonly containers: ReadonlyMap<string, string>;
};

const status = z.object({ name: z.string(), containerID: z.string().optional() });
const listSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), uid: z.string() }),
      status: z.object({ phase: z.string(), containerStatuses: z.array(status).default([]) }),
    }),
  ),
});

/**
 * Runs pods whose containers end at once, each after a few programs, and waits until all have ended.
 * Errors: throws when they have not within the time, in milliseconds.
 */
export async function runStorm(
  cluster: TestCluster,
  size: { readonly pods: number; readonly perPod: number; readonly timeoutMs: number },
): Promise<StormTruth> {
  await apply(cluster, [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: STORM_NAMESPACE } }]);
  await waitFor(
    'the service account',
    async () => ((await hasDefaultServiceAccount(cluster.api, STORM_NAMESPACE)) ? true : undefined),
    { timeoutMs: 30_000 },
  );
  await apply(
    cluster,
    Array.from({ length: size.pods }, (_, index) => stormPod(`storm-${index}`, size.perPod)),
  );
  const pods = await waitFor(
    'the end of every pod',
    async () => {
      const { body } = await cluster.api.call('GET', `/api/v1/namespaces/${STORM_NAMESPACE}/pods`);
      const { items } = listSchema.parse(body);
      return items.length === size.pods && items.every(({ status: { phase } }) => phase === 'Succeeded')
        ? items
        : undefined;
    },
    { timeoutMs: size.timeoutMs, everyMs: 1_000 },
  );
  return {
    pods: new Map(pods.map(({ metadata }) => [metadata.uid, metadata.name])),
    containers: new Map(
      pods.flatMap((pod) =>
        pod.status.containerStatuses.map((one): [string, string] => [
          one.containerID?.split('://')[1] ?? '',
          one.name,
        ]),
      ),
    ),
  };
}

/** Removes the storm's pods and waits for their end. */
export async function clearStorm(cluster: TestCluster): Promise<void> {
  await cluster.kubectl(['delete', 'namespace', STORM_NAMESPACE, '--ignore-not-found', '--timeout=180s'], {
    timeoutMs: 200_000,
  });
}

function stormPod(name: string, containers: number): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: STORM_NAMESPACE, labels: { app: 'storm' } },
    spec: {
      restartPolicy: 'Never',
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      containers: Array.from({ length: containers }, (_, index) => ({
        name: `c${index}`,
        image: WORKLOAD_IMAGE,
        imagePullPolicy: 'Never',
        command: ['/bin/dash', '-c', Array(PROGRAMS).fill('/bin/cat /etc/hostname').join('; ')],
        env: [{ name: STORM_MARK, value: `${name}/c${index}` }],
      })),
    },
  };
}

async function apply(cluster: TestCluster, items: readonly object[]): Promise<void> {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const done = await cluster.kubectl(['apply', '-f', '-'], { input, timeoutMs: 120_000 });
  if (done.code !== 0) throw new Error(`kubectl apply: ${done.stderr.slice(0, 1_000)}`);
}
