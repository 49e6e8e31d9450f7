import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { socketPath, startAgent } from './lib/agent-process.ts';
import { ensureServerBuild } from './lib/build.ts';
import { ensurePackages } from './lib/packages.ts';
import { defaultDataDir, env, isLinux, isRoot } from './lib/paths.ts';
import { CliError, step, timed, warn } from './lib/report.ts';
import { own, ownedCopy, prepareRuntime, type Runtime, stateDir } from './lib/runtime.ts';
import { startServer } from './lib/server-process.ts';
import { Supervisor } from './lib/supervisor.ts';

const HELP = `Usage: ./eyrie up [options]

Sets everything up and runs it: PostgreSQL, the server with the dashboard, and on Linux as root this
machine's agent. Ctrl-C stops everything it started, in order.

  --port N             port of the dashboard (default 3000)
  --host ADDRESS       address to listen on (default 127.0.0.1)
  --data DIR           database, spool, tokens (default ${defaultDataDir()})
  --database-url URL   use this PostgreSQL (15 or newer) instead of the embedded one (or DATABASE_URL)
  --kubeconfig FILE    cluster to watch and act on (default KUBECONFIG, ~/.kube/config, in-cluster)
  --audit-log FILE     Kubernetes audit log to tail
  --cri-socket FILE    container runtime to ask for names; who may use it is root on the node (default: none)
  --no-agent           only the server
  --test-cluster       bring up a real one-node Kubernetes on this machine (root on Linux) and use it
`;

type ClusterParts = {
  readonly serverKubeconfig: string;
  readonly agentKubeconfig: string;
  readonly auditLogPath: string;
  readonly nodeName: string;
};

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new CliError(`--port ${text}: not a port (1 to 65535)`, 2);
  return port;
}

function userKubeconfig(given: string | undefined): string | undefined {
  if (given !== undefined) {
    if (!existsSync(given)) throw new CliError(`--kubeconfig ${given}: no such file`, 2);
    return resolve(given);
  }
  const candidates = [...(env.KUBECONFIG?.split(':') ?? []), join(homedir(), '.kube', 'config')];
  return candidates.find((path) => path !== '' && existsSync(path));
}

/** `eyrie up`: returns when everything is stopped again. */
export async function runUp(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      port: { type: 'string', default: '3000' },
      host: { type: 'string', default: '127.0.0.1' },
      data: { type: 'string' },
      'database-url': { type: 'string' },
      kubeconfig: { type: 'string' },
      'audit-log': { type: 'string' },
      'cri-socket': { type: 'string' },
      'no-agent': { type: 'boolean', default: false },
      'test-cluster': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const port = parsePort(values.port);
  const criSocket = socketPath(values['cri-socket']);
  const dataDir = resolve(values.data ?? defaultDataDir());
  const build = await ensureServerBuild();
  const runtime = await prepareRuntime(build, dataDir);
  const supervisor = new Supervisor(join(dataDir, 'log'));
  let interrupted: (() => void) | undefined;
  const interruption = new Promise<void>((done) => {
    interrupted = done;
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted?.());

  try {
    const outcome = await Promise.race([
      bringUp({ values, criSocket, port, dataDir, runtime, supervisor }).then(() => supervisor.failure),
      interruption.then(() => undefined),
    ]);
    if (outcome === undefined) return 0;
    process.stderr.write(`eyrie: ${outcome}\n`);
    return 1;
  } finally {
    await supervisor.stop();
    step(`everything is stopped; your data stays in ${dataDir}`);
  }
}

type UpInput = {
  readonly values: {
    readonly host: string;
    readonly 'database-url'?: string | undefined;
    readonly kubeconfig?: string | undefined;
    readonly 'audit-log'?: string | undefined;
    readonly 'no-agent': boolean;
    readonly 'test-cluster': boolean;
  };
  readonly criSocket: string | undefined;
  readonly port: number;
  readonly dataDir: string;
  readonly runtime: Runtime;
  readonly supervisor: Supervisor;
};

async function bringUp(input: UpInput): Promise<void> {
  const { values, port, dataDir, runtime, supervisor } = input;
  const databaseUrl = await startDatabase(input);
  const cluster = values['test-cluster'] ? await startTestCluster(supervisor) : undefined;
  const secrets = stateDir(dataDir, 'secrets', runtime.runAs);
  const kubeconfig = cluster?.serverKubeconfig ?? userKubeconfig(values.kubeconfig);
  const serverKubeconfig =
    kubeconfig === undefined ? undefined : ownedCopy(kubeconfig, join(secrets, 'kubeconfig'), runtime.runAs);
  if (serverKubeconfig === undefined) {
    warn(
      'no cluster configured: events and incidents work, cordon and quarantine do not. Give --kubeconfig FILE, or try --test-cluster.',
    );
  }
  const url = `http://${values.host.includes(':') ? `[${values.host}]` : values.host}:${port}`;
  if (!['127.0.0.1', '::1', 'localhost'].includes(values.host)) {
    warn(
      `listening on ${values.host} without TLS; put a reverse proxy with TLS before it (docs/operations.md)`,
    );
  }
  await startServer({
    supervisor,
    runtime,
    dataDir,
    host: values.host,
    port,
    url,
    databaseUrl,
    kubeconfig: serverKubeconfig,
    clusterName: cluster === undefined ? undefined : 'test-cluster',
  });
  const credentials = await prepareCredentials(databaseUrl, secrets, runtime.runAs);
  if (!values['no-agent']) {
    await startAgent({
      supervisor,
      runtime,
      dataDir,
      serverUrl: url,
      tokenFile: credentials.agentTokenFile,
      kubeconfig:
        cluster === undefined
          ? serverKubeconfig
          : ownedCopy(cluster.agentKubeconfig, join(secrets, 'agent-kubeconfig'), runtime.runAs),
      auditLog: cluster?.auditLogPath ?? values['audit-log'],
      criSocket: input.criSocket,
      nodeName: cluster?.nodeName,
    });
  }
  announce(url, credentials.firstRunToken, cluster !== undefined);
}

async function startDatabase(input: UpInput): Promise<string> {
  const given = input.values['database-url'] ?? env.DATABASE_URL;
  let url = given;
  if (url === undefined) {
    const { startEmbedded } = await import('../server/db/embedded.ts');
    const dir = stateDir(input.dataDir, 'postgres', input.runtime.runAs);
    const started = await timed('starting PostgreSQL', () =>
      startEmbedded({ dataDir: dir, runAs: input.runtime.runAs, binDir: input.runtime.postgresBin }),
    );
    input.supervisor.adopt({ name: 'PostgreSQL', pid: started.pid, stop: started.stop });
    url = started.url;
  }
  const { migrate } = await import('../server/db/migrate.ts');
  const target = url;
  const applied = await timed('applying migrations', () => migrate(target));
  if (applied.length > 0) step(`applied ${applied.join(', ')}`);
  return url;
}

async function startTestCluster(supervisor: Supervisor): Promise<ClusterParts> {
  if (!(isRoot && isLinux)) {
    throw new CliError(
      '--test-cluster needs root on Linux: it makes network namespaces and runs a kubelet. Try: sudo ./eyrie up --test-cluster',
    );
  }
  const { startCluster, CLUSTER_PACKAGES } = await import('./cluster.ts');
  await ensurePackages('test cluster', CLUSTER_PACKAGES);
  const cluster = await timed('starting the test cluster', () => startCluster({ log: step }));
  supervisor.adopt({ name: 'test cluster', pid: undefined, stop: cluster.stop });
  return cluster;
}

async function prepareCredentials(
  databaseUrl: string,
  secrets: string,
  runAs: Runtime['runAs'],
): Promise<{ readonly agentTokenFile: string; readonly firstRunToken: string | null }> {
  const [{ openDatabases }, { ensureFirstRunToken }, { ensureLocalAgentToken }] = await Promise.all([
    import('../server/db/client.ts'),
    import('../server/auth/first-run.ts'),
    import('./lib/local-token.ts'),
  ]);
  const databases = openDatabases(databaseUrl, { max: 2 });
  try {
    const agentTokenFile = join(secrets, 'agent-token');
    const current = existsSync(agentTokenFile) ? readFileSync(agentTokenFile, 'utf8').trim() : undefined;
    const secret = await ensureLocalAgentToken(databases.db, current);
    if (secret !== current) {
      rmSync(agentTokenFile, { force: true });
      writeFileSync(agentTokenFile, `${secret}\n`, { mode: 0o600 });
      own(agentTokenFile, runAs);
    }
    return { agentTokenFile, firstRunToken: await ensureFirstRunToken(databases.db) };
  } finally {
    await databases.close();
  }
}

function announce(url: string, firstRunToken: string | null, testCluster: boolean): void {
  const lines = ['', `Eyrie is ready: ${url}`];
  if (firstRunToken === null) lines.push('Sign in with your account.');
  else
    lines.push(
      `First-run token: ${firstRunToken}`,
      `Open ${url}/setup#token=${firstRunToken} to make the first administrator.`,
    );
  if (testCluster) lines.push('Try an attack in another terminal: ./eyrie cluster scenario exec-shell');
  lines.push('Ctrl-C stops everything.', '');
  process.stdout.write(`${lines.join('\n')}\n`);
}
