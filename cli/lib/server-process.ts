import { join } from 'node:path';
import { timed } from './report.ts';
import { type Runtime, stateDir } from './runtime.ts';
import { type Supervisor, waitForHttp } from './supervisor.ts';

export type ServerOptions = {
  readonly supervisor: Supervisor;
  readonly runtime: Runtime;
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  /** Under which the launcher reaches it. */
  readonly url: string;
  readonly databaseUrl: string;
  readonly kubeconfig: string | undefined;
  readonly clusterName: string | undefined;
};

/** Starts the built server and waits until it answers. Returns its process id. */
export async function startServer(options: ServerOptions): Promise<number | undefined> {
  const { runtime, supervisor } = options;
  return timed('starting the server', async () => {
    const child = supervisor.start({
      name: 'server',
      command: runtime.node,
      args: ['server.js'],
      cwd: runtime.serverDir,
      env: {
        PATH: '/usr/bin:/bin',
        NODE_ENV: 'production',
        NEXT_TELEMETRY_DISABLED: '1',
        // Heap and native limits keep the process below 400 MB under full ingest.
        NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=16',
        MALLOC_ARENA_MAX: '2',
        HOSTNAME: options.host,
        PORT: String(options.port),
        DATABASE_URL: options.databaseUrl,
        EYRIE_RULES_DIR: join(runtime.serverDir, 'rulesets'),
        EYRIE_DATA_DIR: stateDir(options.dataDir, 'server', runtime.runAs),
        ...(options.kubeconfig === undefined ? {} : { KUBECONFIG: options.kubeconfig }),
        ...(options.clusterName === undefined ? {} : { EYRIE_CLUSTER_NAME: options.clusterName }),
      },
      runAs: runtime.runAs,
    });
    await waitForHttp(`${options.url}/api/v1/health`, supervisor, 60_000);
    return child.pid;
  });
}
