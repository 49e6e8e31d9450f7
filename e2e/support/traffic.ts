import type { PodName } from '../scenarios/attack.ts';
import { waitFor } from '../testcluster/command.ts';
import { listPods } from '../testcluster/readiness.ts';
import type { TestCluster } from '../testcluster/test-cluster.ts';

/** Whether a new TCP connection from one pod to another is answered; measured inside the first pod. */
export async function connects(
  cluster: TestCluster,
  from: PodName,
  to: PodName,
  port: number,
): Promise<boolean> {
  const target = (await listPods(cluster.api, to.namespace)).find((pod) => pod.name === to.name);
  if (target?.ip === undefined) throw new Error(`${to.namespace}/${to.name} has no address`);
  const dial = ['netkit', 'dial', `${target.ip}:${port}`];
  const { code, stdout, stderr } = await cluster.kubectl([
    '-n',
    from.namespace,
    'exec',
    from.name,
    '--',
    ...dial,
  ]);
  if (code === 0 && stdout.startsWith('connected')) return true;
  if (/timeout|refused|no route/.test(stderr)) return false;
  throw new Error(`dial did not run: ${stderr.trim()}`);
}

/** Waits until connections behave as expected. Errors: throws when they still do not after 15 s. */
export async function untilConnects(
  cluster: TestCluster,
  from: PodName,
  to: PodName,
  port: number,
  expected: boolean,
): Promise<void> {
  const name = `${to.namespace}/${to.name}:${port} ${expected ? 'open' : 'closed'}`;
  const probe = async () => ((await connects(cluster, from, to, port)) === expected ? true : undefined);
  await waitFor(name, probe, { timeoutMs: 15_000 });
}
