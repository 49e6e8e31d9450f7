import { parseArgs } from 'node:util';
import { runScenario, SCENARIOS } from '../e2e/scenarios/scenario.ts';
import { CLUSTER_PACKAGES } from '../e2e/testcluster/packages.ts';
import { type ClusterOptions, clusterLayout } from '../e2e/testcluster/paths.ts';
import { listPods, nodeReady } from '../e2e/testcluster/readiness.ts';
import { tearDown } from '../e2e/testcluster/tear-down.ts';
import { TestCluster } from '../e2e/testcluster/test-cluster.ts';
import { ensurePackages } from './lib/packages.ts';
import { CliError, step } from './lib/report.ts';

const HELP = `Usage: ./eyrie cluster COMMAND [options]

A real one-node Kubernetes on this machine: API server, kubelet, containerd, real pods, in network
namespaces of its own from which no packet leaves. Needs root on Linux. The first build takes minutes.

  up                 bring it up with a small workload; it runs until 'down'
  down               remove it and everything it made, also after a crash
  status             what runs; exit 1 when it is not up
  scenario NAME      run an attack against it for real ('scenario --list' names them)

  --name NAME        several clusters can exist side by side (default eyrie)
  --run-dir DIR      where it lives (default /run/NAME-cluster)
  --api-port N       loopback port of the API server (default: a free one)
  --json             status as JSON
`;

/** For `up` and `test`, which install packages and build before they start anything. */
export { buildKube } from '../e2e/testcluster/go-build.ts';
export { CLUSTER_PACKAGES };

export type StartOptions = ClusterOptions;
export type StartedCluster = {
  readonly serverKubeconfig: string;
  readonly agentKubeconfig: string;
  readonly adminKubeconfig: string;
  readonly auditLogPath: string;
  readonly nodeName: string;
  readonly stop: () => Promise<void>;
};

/**
 * Brings up a cluster that ends with this process; one that 'cluster up' started is used and left alone.
 * Errors: CliError when it cannot run here.
 */
export async function startCluster(options: StartOptions = {}): Promise<StartedCluster> {
  const running = TestCluster.attach(options);
  if (running !== undefined) step('using the test cluster that is up already; it stays up afterwards');
  const cluster =
    running ?? (await TestCluster.up({ ...options, log: options.log ?? step }).catch(asCliError));
  const { serverKubeconfig, agentKubeconfig, adminKubeconfig, auditLogPath, nodeName } = cluster.layout;
  const stop = () => (running === undefined ? cluster.down() : Promise.resolve());
  return { serverKubeconfig, agentKubeconfig, adminKubeconfig, auditLogPath, nodeName, stop };
}

/** `eyrie cluster …`. Shape: the exit code. */
export async function runCluster(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      'run-dir': { type: 'string' },
      'api-port': { type: 'string' },
      json: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const apiPort = values['api-port'] === undefined ? undefined : Number(values['api-port']);
  if (apiPort !== undefined && !(Number.isInteger(apiPort) && apiPort > 0 && apiPort < 65_536))
    throw new CliError(`--api-port ${values['api-port']}: not a port (1 to 65535)`, 2);
  const options: ClusterOptions = { name: values.name, runDir: values['run-dir'], apiPort, log: step };
  const [command, ...rest] = positionals;
  if (command === 'up' && rest.length === 0) return up(options);
  if (command === 'down' && rest.length === 0) return down(options);
  if (command === 'status' && rest.length === 0) return status(options, values.json);
  if (command === 'scenario' && rest.length <= 1) return scenario(options, rest[0], values.list);
  process.stderr.write(HELP);
  return 2;
}

async function up(options: ClusterOptions): Promise<number> {
  let cluster = TestCluster.attach(options);
  if (cluster === undefined) {
    await ensurePackages('test cluster', CLUSTER_PACKAGES);
    cluster = await TestCluster.up({ ...options, keep: true }).catch(asCliError);
  } else {
    step('it is up already');
  }
  const { layout } = cluster;
  process.stdout.write(
    `KUBECONFIG=${layout.adminKubeconfig}\nAudit log: ${layout.auditLogPath}\nkubectl: ${cluster.state.kube} kubectl\n`,
  );
  return 0;
}

async function down(options: ClusterOptions): Promise<number> {
  if (process.getuid?.() !== 0) throw new CliError('taking the test cluster down needs root');
  await tearDown(clusterLayout(options)).catch(asCliError);
  step('the test cluster is gone');
  return 0;
}

async function scenario(options: ClusterOptions, name: string | undefined, list: boolean): Promise<number> {
  const names = [...SCENARIOS].map(([key, { help }]) => `  ${key.padEnd(14)} ${help}`).join('\n');
  if (list) {
    process.stdout.write(`${names}\n`);
    return 0;
  }
  if (name === undefined || !SCENARIOS.has(name))
    throw new CliError(
      `${name === undefined ? 'which scenario?' : `no scenario '${name}'`} There are:\n${names}`,
      2,
    );
  const cluster = TestCluster.attach(options);
  if (cluster === undefined) throw new CliError('the test cluster is not up; ./eyrie cluster up');
  const done = await runScenario(name, cluster, (line) => process.stderr.write(`${line}\n`)).catch(
    asCliError,
  );
  process.stdout.write(
    `Done. The product should now show:\n${done.expect.map((line) => `  - ${line}\n`).join('')}`,
  );
  return 0;
}

async function status(options: ClusterOptions, json: boolean): Promise<number> {
  const cluster = TestCluster.attach(options);
  if (cluster === undefined) {
    process.stdout.write(json ? `${JSON.stringify({ up: false })}\n` : 'not up; ./eyrie cluster up\n');
    return 1;
  }
  const { layout, api, state } = cluster;
  const [ready, pods] = await Promise.all([nodeReady(api, layout.nodeName), listPods(api)]);
  const facts = {
    up: true,
    nodeReady: ready,
    apiServer: `https://127.0.0.1:${state.apiPort}`,
    kubeconfig: layout.adminKubeconfig,
    auditLog: layout.auditLogPath,
    startedAt: state.startedAt,
    pods: pods.map(({ namespace, name, phase, ip, ready: podReady }) => ({
      namespace,
      name,
      phase,
      ip,
      ready: podReady,
    })),
  };
  if (json) {
    process.stdout.write(`${JSON.stringify(facts)}\n`);
  } else {
    process.stdout.write(
      `up since ${state.startedAt}, node ${layout.nodeName} ${ready ? 'Ready' : 'NOT ready'}\n` +
        `API server ${facts.apiServer}\nKUBECONFIG=${facts.kubeconfig}\nAudit log  ${facts.auditLog}\n` +
        facts.pods
          .map(
            (pod) => `${pod.ready ? 'ready' : pod.phase}\t${pod.ip ?? '-'}\t${pod.namespace}/${pod.name}\n`,
          )
          .join(''),
    );
  }
  return ready ? 0 : 1;
}

/** What the harness says is meant for people: it is shown without a stack. */
function asCliError(error: unknown): never {
  throw new CliError(error instanceof Error ? error.message : String(error));
}
