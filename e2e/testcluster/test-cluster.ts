import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type CommandResult, must, run } from './command.ts';
import { type ClusterUser, makeUsers, writeCredentials, writeProductCredentials } from './credentials.ts';
import { processStartTime } from './daemon.ts';
import { buildKube, buildNetkit } from './go-build.ts';
import { pauseImage, workloadImage } from './image.ts';
import { createCgroups, createNetwork, readSysctls } from './kernel.ts';
import { KubeApi } from './kube-api.ts';
import { writeNodeConfig } from './node-config.ts';
import { missingPackages } from './packages.ts';
import { type ClusterLayout, type ClusterOptions, clusterLayout } from './paths.ts';
import { createPki } from './pki.ts';
import { apiReady, hasDefaultServiceAccount, listPods, nodeReady, waitForCluster } from './readiness.ts';
import { type Programs, startControllers, startFoundation } from './start-daemons.ts';
import { type ClusterState, inUse, readState, writeState } from './state.ts';
import { claimRunDir, tearDown } from './tear-down.ts';

export const WORKLOAD_NAMESPACES = ['shop', 'payments', 'locked', 'watched'] as const;
/** Pods that the manifests' Deployments make. */
const WORKLOAD_PODS = 4;
const MANIFESTS = ['workload.yaml', 'users.yaml', 'eyrie.yaml'];

export type UpOptions = ClusterOptions & {
  /** Keep running after the process that called `up` has ended; default false. */
  readonly keep?: boolean | undefined;
};

export type KubectlCommand = {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
};

/** A real one-node Kubernetes in network namespaces of its own. It needs root on Linux. */
export class TestCluster {
  readonly layout: ClusterLayout;
  readonly state: ClusterState;
  readonly api: KubeApi;

  constructor(layout: ClusterLayout, state: ClusterState) {
    this.layout = layout;
    this.state = state;
    this.api = new KubeApi(layout, state.apiPort);
  }

  /** The cluster that runs now; undefined when there is none. */
  static attach(options: ClusterOptions = {}): TestCluster | undefined {
    const layout = clusterLayout(options);
    const state = readState(layout);
    return state?.ready && inUse(layout, state) ? new TestCluster(layout, state) : undefined;
  }

  /**
   * Brings a cluster up and waits until its workload is ready; leftovers of a crashed one are removed first.
   * Errors: throws when something is missing, when the name is in use, or when a part ends; then nothing is left.
   */
  static async up(options: UpOptions = {}): Promise<TestCluster> {
    const layout = clusterLayout(options);
    const log = (line: string) => options.log?.(line);
    assertPossible();
    const before = readState(layout);
    if (before !== undefined && inUse(layout, before))
      throw new Error(
        `test cluster "${layout.name}" is in use (${layout.runDir}); take it down first, or choose a name`,
      );
    const programs = { kube: await buildKube({ log }), netkit: await buildNetkit({ log }) };
    await tearDown(layout);
    try {
      return await create(layout, options, programs, log);
    } catch (error) {
      await tearDown(layout);
      throw error;
    }
  }

  /** Runs kubectl as the administrator, or as one of the cluster's users. */
  kubectl(
    args: readonly string[],
    options: { readonly as?: ClusterUser; readonly input?: string; readonly timeoutMs?: number } = {},
  ): Promise<CommandResult> {
    const { argv, env } = this.kubectlCommand(args, options.as);
    return run(argv[0], argv.slice(1), { input: options.input, timeoutMs: options.timeoutMs, env });
  }

  /** The command that `kubectl` runs, for callers that need it with a terminal or in the background. */
  kubectlCommand(args: readonly string[], as?: ClusterUser): KubectlCommand {
    const { layout, state } = this;
    const config = as === undefined ? layout.adminKubeconfig : join(layout.confDir, `${as}.kubeconfig`);
    const cache = join(layout.runDir, 'kubectl-cache');
    return { argv: [state.kube, 'kubectl', '--cache-dir', cache, ...args], env: { KUBECONFIG: config } };
  }

  userToken(user: ClusterUser): string {
    const token = this.state.users[user];
    if (token === undefined) throw new Error(`the cluster has no user ${user}`);
    return token;
  }

  async down(): Promise<void> {
    await tearDown(this.layout);
  }
}

function assertPossible(): void {
  if (process.platform !== 'linux') throw new Error('the test cluster runs on Linux only');
  if (process.getuid?.() !== 0) throw new Error('the test cluster needs root (namespaces, cgroups, mounts)');
  const missing = missingPackages();
  if (missing.length > 0)
    throw new Error(
      `the test cluster needs packages: apt-get install -y --no-install-recommends ${missing.join(' ')}`,
    );
}

async function create(
  layout: ClusterLayout,
  options: UpOptions,
  programs: Programs,
  log: (line: string) => void,
): Promise<TestCluster> {
  claimRunDir(layout);
  for (const dir of [layout.confDir, layout.logDir, layout.pidDir, join(layout.auditLogPath, '..')])
    mkdirSync(dir, { recursive: true });
  const users = makeUsers();
  const state: ClusterState = {
    owner: { pid: process.pid, startTime: processStartTime(process.pid) ?? '' },
    keep: options.keep ?? false,
    ready: false,
    startedAt: new Date().toISOString(),
    apiPort: options.apiPort || (await freePort()),
    kube: programs.kube,
    sysctls: readSysctls(),
    users,
  };
  writeState(layout, state);
  await Promise.all([createPki(layout), createNetwork(layout)]);
  createCgroups(layout);
  writeNodeConfig(layout);
  writeCredentials(layout, state, options.auditWebhook);
  log('network namespaces, cgroups and keys are there');

  const webhook = options.auditWebhook && Number(new URL(options.auditWebhook.url).port || '80');
  startFoundation(layout, programs, { api: state.apiPort, webhook });
  const cluster = new TestCluster(layout, state);
  const { api } = cluster;
  await Promise.all([
    importImages(layout, programs).then(() => log('images are imported')),
    waitForCluster(layout, 'API server', () => apiReady(api)).then(() => log('API server is ready')),
  ]);
  startControllers(layout, programs);
  for (const file of MANIFESTS)
    await applied(
      cluster.kubectl(['apply', '--server-side', '-f', join(import.meta.dirname, 'manifests', file)]),
    );
  await writeProductCredentials(layout, state, api);
  await waitForCluster(layout, 'node Ready', () => nodeReady(api, layout.nodeName));
  log('node is Ready');
  for (const namespace of WORKLOAD_NAMESPACES)
    await waitForCluster(layout, `service account of ${namespace}`, () =>
      hasDefaultServiceAccount(api, namespace),
    );
  await waitForCluster(layout, 'workload pods Ready', async () => {
    const pods = await listPods(api);
    return pods.length >= WORKLOAD_PODS && pods.every((pod) => pod.ready);
  });
  log('workload is Ready');
  writeState(layout, { ...state, ready: true });
  return cluster;
}

async function importImages(layout: ClusterLayout, programs: Programs): Promise<void> {
  const ctr = ['-a', layout.containerdSocket, '-n', 'k8s.io'];
  const archives = { pause: await pauseImage(layout.runDir), workload: await workloadImage(programs.netkit) };
  await waitForCluster(layout, 'containerd', async () => (await run('ctr', [...ctr, 'version'])).code === 0);
  for (const [name, archive] of Object.entries(archives)) {
    const path = join(layout.runDir, `${name}.tar`);
    writeFileSync(path, archive);
    await must('ctr', [...ctr, 'images', 'import', path]);
  }
}

async function applied(result: Promise<CommandResult>): Promise<void> {
  const { code, stderr } = await result;
  if (code !== 0) throw new Error(`kubectl apply failed: ${stderr.trim().slice(-2_000)}`);
}

/** A port that was free a moment ago; the forwarder binds it right after. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
