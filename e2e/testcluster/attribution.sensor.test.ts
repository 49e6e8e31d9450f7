import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildProbe } from '../../agent/probe/build.ts';
import { type Sensor, startSensor } from '../../agent/sensor.ts';
import { waitFor } from './command.ts';
import { runStorm } from './storm.ts';
import { StormTally } from './storm-tally.ts';
import { TestCluster } from './test-cluster.ts';

const PODS = 6;
const PER_POD = 5;
const tally = new StormTally();
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
    onEvent: (event) => tally.event(event),
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
  // Rules are evaluated as events are delivered: most must have their container's name by then.
  expect(result.named.atOnce / result.named.events).toBeGreaterThan(0.5);
  expect(dropped).toBe(0);
}, 200_000);
