import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildProbe } from '../../agent/probe/build.ts';
import { type Sensor, startSensor } from '../../agent/sensor.ts';
import { mapAuditEvent } from '../../core/events/k8s-audit.ts';
import { execCommand } from '../../core/events/k8s-audit-summary.ts';
import type { ThreadInfo } from '../../core/events/syscall.ts';
import { actingUsers } from '../../core/incident/acting-user.ts';
import { Attack } from '../scenarios/attack.ts';
import { waitFor } from './command.ts';
import { runStorm } from './storm.ts';
import { StormTally } from './storm-tally.ts';
import { TestCluster } from './test-cluster.ts';

const PODS = 6;
const PER_POD = 5;
const tally = new StormTally();
const programs: { readonly cmdline: string; readonly thread: ThreadInfo }[] = [];
let cluster: TestCluster;
let sensor: Sensor;
let dropped = 0;

beforeAll(async () => {
  cluster = await TestCluster.up({ name: 'storm' });
  const { agentKubeconfig, nodeName } = cluster.layout;
  sensor = await startSensor({
    probePath: await buildProbe(),
    kube: { kubeconfig: agentKubeconfig, nodeName },
    log: () => undefined,
    onEvent: (event) => {
      tally.event(event);
      const { thread, type } = event;
      if (type !== 'execve' || thread === undefined) return;
      programs.push({ cmdline: [thread.exe, ...thread.args].join(' '), thread: { ...thread } });
    },
    onFill: (container) => tally.fill(container),
    onDrops: ({ count = 0 }) => {
      dropped += count;
    },
  });
}, 300_000);

afterAll(async () => {
  await sensor?.stop();
  await cluster?.down();
});

test('knows pod and container of every event of containers that end at once', async () => {
  const truth = await runStorm(cluster, { pods: PODS, perPod: PER_POD, timeoutMs: 120_000 });
  const result = await waitFor(
    'the last names',
    async () => {
      const found = tally.result(truth);
      return found.named.afterFill === found.named.events ? found : undefined;
    },
    { timeoutMs: 20_000 },
  );
  expect(result).toMatchObject({ containers: PODS * PER_POD, execsMissing: 0, wrong: 0, lacking: {} });
  expect(result.withContainerId).toBe(result.events);
  expect(result.withPod).toBe(result.events);
  // Rules are evaluated as events are delivered: a name by then comes from a link, and on a busy node from few.
  expect(result.named.atOnce / result.named.events).toBeGreaterThan(0);
  expect(dropped).toBe(0);
}, 200_000);

test('what kubectl exec starts leads back to its request, also from a child that left its parent', async () => {
  const attack = new Attack(cluster, () => undefined);
  const pod = await attack.pod('checkout-api');
  const script = '(setsid sleep 0.51 &); cat /etc/hostname';
  await attack.exec(pod, ['sh', '-c', script]);
  const program = (cmdline: string) =>
    waitFor(cmdline, async () => programs.find((one) => one.cmdline === cmdline)?.thread, {
      timeoutMs: 10_000,
    });
  const shell = await program(`sh -c ${script}`);
  const orphan = await program('sleep 0.51');
  expect(orphan.entry).toEqual(shell.entry);
  const { entry, container } = shell;
  if (entry === undefined || container === undefined) throw new Error('no way in');
  const request = await waitFor('the request in the audit log', async () => lastExec(script), {
    timeoutMs: 10_000,
  });
  const process = {
    ...entry,
    timeNs: String(entry.timeNs),
    timeMs: Number(entry.timeNs) / 1e6,
    namespace: container.namespace ?? '',
    pod: container.podName ?? '',
    container: container.name ?? null,
  };
  expect(actingUsers([request], [process])).toMatchObject([{ user: 'alice', confidence: 'high' }]);
});

/** The request as the audit log has it. */
function lastExec(script: string) {
  for (const line of readFileSync(cluster.layout.auditLogPath, 'utf8').trimEnd().split('\n')) {
    const mapped = mapAuditEvent(JSON.parse(line));
    if (!mapped.ok || !mapped.record.categories.includes('exec') || mapped.record.outcome !== 'ok') continue;
    const { facts, record } = mapped;
    const command = execCommand(facts);
    if (command?.includes(script) !== true) continue;
    const { user = '', namespace = '', pod = '', container = null } = record;
    const timeMs = Number(facts.timeNs) / 1e6;
    return { audit: mapped.key, timeMs, user, groups: [], ip: null, namespace, pod, container, command };
  }
  return undefined;
}
