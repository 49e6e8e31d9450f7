import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildProbe } from '../agent/probe/build.ts';
import { startSensor } from '../agent/sensor.ts';
import { clearStorm, runStorm } from '../e2e/testcluster/storm.ts';
import { StormTally } from '../e2e/testcluster/storm-tally.ts';
import { TestCluster } from '../e2e/testcluster/test-cluster.ts';

const HELP = `Usage: ./eyrie bench attribution [--json] [--scale N] [--per-pod N] [--cri] [--name CLUSTER]

500 times N containers that live under a second, in real pods of a real kubelet: how many of their events
carry container and pod? What a process belongs to is told by its own environment. Needs root on Linux.
`;
const CONTAINERS = 500;
const CLOCK_TICKS = 100;
/** A kubelet takes 110 pods by default, and the workload has four. */
const PODS_MAX = 104;
/** The kubelet reports what it has seen within this; a name that comes later is a name that never came. */
const LATE_MS = 15_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      scale: { type: 'string', default: '1' },
      'per-pod': { type: 'string', default: '5' },
      cri: { type: 'boolean', default: false },
      name: { type: 'string', default: 'bench' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const wanted = Math.max(1, Math.round(CONTAINERS * Number(values.scale)));
  const perPod = Math.max(Number(values['per-pod']), Math.ceil(wanted / PODS_MAX));
  const pods = Math.ceil(wanted / perPod);
  const options = { name: values.name, log: progress };
  const running = TestCluster.attach(options);
  const cluster = running ?? (await TestCluster.up(options));
  try {
    const { agentKubeconfig, nodeName, containerdSocket } = cluster.layout;
    const tally = new StormTally();
    let dropped = 0;
    const sensor = await startSensor({
      probePath: await buildProbe({ log: progress }),
      kube: { kubeconfig: agentKubeconfig, nodeName },
      criSocket: values.cri ? containerdSocket : undefined,
      log: progress,
      onEvent: (event) => tally.event(event),
      onFill: (container) => tally.fill(container),
      onEnd: (reason) => progress(`the sensor: ${reason}`),
      onDrops: ({ count = 0 }) => {
        dropped += count;
      },
    });
    const before = { cpu: process.cpuUsage(), probe: cpuOf(sensor.hello.pid), atMs: performance.now() };
    progress(`${pods} pods of ${perPod} containers`);
    const truth = await runStorm(cluster, { pods, perPod, timeoutMs: 600_000 });
    const seconds = (performance.now() - before.atMs) / 1_000;
    const { user, system } = process.cpuUsage(before.cpu);
    const probe = cpuOf(sensor.hello.pid) - before.probe;
    await delay(LATE_MS);
    const counters = sensor.counters();
    await sensor.stop();
    const result = tally.result(truth);
    const known = Math.min(result.withContainerId, result.withPod);
    process.stdout.write(
      `${JSON.stringify({
        name: 'attribution',
        ours: known,
        peer: result.events,
        ratio: known / result.events,
        unit: 'events with container and pod',
        runs: 1,
        peerIs: 'events of processes in the pods, as their environment and cgroup tell',
        runtimeAsked: values.cri,
        pods,
        ...result,
        nameAtOnce: result.named.atOnce / result.named.events,
        nameAfterFill: result.named.afterFill / result.named.events,
        dropped,
        stormSeconds: round(seconds),
        cpuSeconds: { agent: round((user + system) / 1e6), probe: round(probe) },
        counters,
      })}\n`,
    );
    await clearStorm(cluster);
  } finally {
    if (running === undefined) await cluster.down();
  }
}

function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}

const round = (value: number) => Math.round(value * 100) / 100;
const progress = (line: string) => process.stderr.write(`${line}\n`);

await main();
