import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export type ClusterOptions = {
  /** Distinguishes clusters that exist at the same time; part of every kernel object's name. */
  readonly name?: string | undefined;
  readonly runDir?: string | undefined;
  /** Loopback port of the API server in the caller's network namespace; 0 picks a free one. */
  readonly apiPort?: number | undefined;
  /** Where the API server posts audit events besides its log file; must be on 127.0.0.1. */
  readonly auditWebhook?: { readonly url: string; readonly token: string } | undefined;
  readonly log?: ((line: string) => void) | undefined;
};

export type ClusterLayout = {
  readonly name: string;
  readonly runDir: string;
  readonly nodeName: string;
  readonly nodeNetns: string;
  readonly worldNetns: string;
  readonly cgroup: string;
  readonly pkiDir: string;
  readonly confDir: string;
  readonly logDir: string;
  readonly pidDir: string;
  readonly auditLogPath: string;
  readonly containerdSocket: string;
  readonly adminKubeconfig: string;
  readonly serverKubeconfig: string;
  readonly agentKubeconfig: string;
  readonly statePath: string;
};

/** Gives every command of a process tree another cluster than the default one: tests run beside it. */
export const CLUSTER_NAME_VARIABLE = 'EYRIE_TEST_CLUSTER';

/** Addresses inside the node's network namespace; every cluster has its own, so they never collide. */
export const NODE_IP = '10.77.0.1';
export const POD_CIDR = '10.244.0.0/24';
export const SERVICE_CIDR = '10.96.0.0/16';
export const KUBERNETES_SERVICE_IP = '10.96.0.1';
/** A host outside the cluster that answers (TEST-NET-3, RFC 5737): where attacks connect out to. */
export const WORLD_IP = '203.0.113.10';
export const WORLD_GATEWAY = '203.0.113.1';

/** sun_path holds 108 bytes; containerd adds up to 90 for a shim's socket only under its own /run dir. */
const RUN_DIR_LENGTH_MAX = 64;

/**
 * Every path and kernel name of one cluster.
 * Errors: throws when the name is unfit for a netns or the run directory is too long for unix sockets.
 */
export function clusterLayout(options: ClusterOptions = {}): ClusterLayout {
  const name = options.name ?? process.env[CLUSTER_NAME_VARIABLE] ?? 'eyrie';
  if (!/^[a-z][a-z0-9-]{0,15}$/.test(name))
    throw new Error(`cluster name "${name}" must match [a-z][a-z0-9-]{0,15}`);
  const runDir = resolve(options.runDir ?? `/run/${name}-cluster`);
  if (runDir.length > RUN_DIR_LENGTH_MAX)
    throw new Error(
      `run directory ${runDir} is longer than ${RUN_DIR_LENGTH_MAX} bytes (unix sockets live in it)`,
    );
  if (/[\s"'\\,]/.test(runDir)) throw new Error(`run directory ${runDir} has a space, quote or comma`);
  return {
    name,
    runDir,
    nodeName: 'node1',
    nodeNetns: `${name}-node`,
    worldNetns: `${name}-world`,
    cgroup: `${name}-cluster`,
    pkiDir: join(runDir, 'pki'),
    confDir: join(runDir, 'conf'),
    logDir: join(runDir, 'log'),
    pidDir: join(runDir, 'pids'),
    auditLogPath: join(runDir, 'audit/audit.log'),
    containerdSocket: join(runDir, 'containerd.sock'),
    adminKubeconfig: join(runDir, 'admin.kubeconfig'),
    serverKubeconfig: join(runDir, 'server.kubeconfig'),
    agentKubeconfig: join(runDir, 'agent.kubeconfig'),
    statePath: join(runDir, 'cluster.json'),
  };
}

export function cacheDir(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'eyrie');
}
