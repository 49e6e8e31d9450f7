import type { ChildProcess } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { startProbeBroker } from '../../agent/probe/broker.ts';
import { ensureAgentBundle } from './agent-bundle.ts';
import { ensurePackages, PROBE_PACKAGES } from './packages.ts';
import { isLinux, isRoot } from './paths.ts';
import { CliError, step, timed, warn } from './report.ts';
import { runLogged } from './run.ts';
import { type Runtime, stateDir } from './runtime.ts';
import type { Supervisor } from './supervisor.ts';

/**
 * These keep the agent small: what they allow is its whole heap under a storm. A few thousand events are not worth the
 * compiler's best code, nor threads that collect and compile beside; and a heap of this size is marked at once in less
 * than 30 ms, which the kernel's buffer waits out, where marking it bit by bit lets the garbage of a storm pile up.
 */
export const AGENT_NODE_FLAGS = [
  '--max-old-space-size=96',
  '--max-semi-space-size=2',
  '--efficiency-mode',
  '--no-incremental-marking',
  '--expose-gc',
] as const;
/** What is larger than a few pages is mapped by itself and goes back whole, so that the start leaves no holes. */
export const AGENT_ENV = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '16384' } as const;

export type AgentOptions = {
  readonly supervisor: Supervisor;
  readonly runtime: Pick<Runtime, 'runAs' | 'node'>;
  readonly dataDir: string;
  readonly serverUrl: string;
  readonly tokenFile: string;
  readonly kubeconfig: string | undefined;
  readonly auditLog: string | undefined;
  readonly criSocket?: string | undefined;
  readonly nodeName: string | undefined;
  readonly extraArgs?: readonly string[];
};

/** Builds the probe where that is possible; undefined leaves the kernel unwatched, and says why. */
async function probeBinary(): Promise<string | undefined> {
  if (!isLinux) {
    warn('kernel events need Linux; the agent runs without them');
    return undefined;
  }
  if (!isRoot) {
    warn(
      'kernel events need root (or CAP_BPF and CAP_PERFMON); the agent runs without them. Try: sudo ./eyrie up',
    );
    return undefined;
  }
  if (!existsSync('/sys/kernel/btf/vmlinux')) {
    warn(
      'this kernel has no BTF (/sys/kernel/btf/vmlinux); kernel events are off. Use a kernel with CONFIG_DEBUG_INFO_BTF.',
    );
    return undefined;
  }
  if (!(await ensurePackages('sensor', PROBE_PACKAGES))) return undefined;
  const { buildProbe } = await import('../../agent/probe/build.ts');
  return timed('building the probe', () => buildProbe({ log: step }));
}

/**
 * The audit log usually belongs to root. As root the launcher lets the service user's group read it,
 * which log rotation keeps (it copies the mode), and says so.
 */
async function openAuditLog(path: string, runAs: Runtime['runAs']): Promise<void> {
  if (runAs === undefined) return;
  if (!existsSync(path)) {
    warn(`audit log ${path} does not exist yet; the agent waits for it`);
    return;
  }
  const mode = statSync(path);
  if (mode.gid === runAs.gid && (mode.mode & 0o040) !== 0) return;
  step(`letting group ${runAs.name} read ${path} (chgrp and g+r on the file and its folder)`);
  await runLogged('audit-log-group', 'chgrp', [runAs.name, path, dirname(path)]);
  await runLogged('audit-log-mode', 'chmod', ['g+r', path]);
  await runLogged('audit-dir-mode', 'chmod', ['g+rx', dirname(path)]);
}

/** The value of --cri-socket as an absolute path. Errors: CliError when it is not a socket. */
export function socketPath(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  if (!statSync(given, { throwIfNoEntry: false })?.isSocket())
    throw new CliError(`--cri-socket ${given}: no such socket`, 2);
  return resolve(given);
}

/** What a node's logs are written for: reading them needs no capability where their group may. */
const NODE_LOGS = [
  '/var/log/auth.log',
  '/var/log/secure',
  '/var/log/syslog',
  '/var/log/messages',
  '/var/log/journal',
] as const;

/** Groups, but root's, that may read the node's logs: adm and systemd-journal on most. */
function logGroups(): readonly number[] {
  return NODE_LOGS.flatMap((path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    return found !== undefined && found.gid !== 0 && (found.mode & 0o040) !== 0 ? [found.gid] : [];
  });
}

/** setpriv's option for the groups beside the user's own: who may read node logs, and use the given socket. */
function supplementaryGroups(criSocket: string | undefined): string {
  const groups = new Set(logGroups());
  if (criSocket !== undefined) {
    const { gid, mode } = statSync(criSocket);
    groups.add(gid);
    warn(
      `--cri-socket: the agent joins group ${gid} of ${criSocket}; who may use that socket is root on the node`,
    );
    if ((mode & 0o060) !== 0o060)
      warn(`group ${gid} may not read and write ${criSocket}; it will refuse the agent`);
  }
  return groups.size === 0 ? '--clear-groups' : `--groups=${[...groups].join(',')}`;
}

/**
 * Starts the node agent. As root there is a socket beside it, where the agent, as the service user, asks
 * this process for the probe that its rules need (docs/adr/0012-probes-on-request.md).
 */
export async function startAgent(options: AgentOptions): Promise<void> {
  const { supervisor, runtime } = options;
  const bundle = await ensureAgentBundle();
  const probe = await probeBinary();
  const home = stateDir(options.dataDir, 'agent', runtime.runAs);
  if (options.auditLog !== undefined) await openAuditLog(options.auditLog, runtime.runAs);
  const script = await agentScript(bundle, options.dataDir, runtime);
  let reader: ChildProcess | undefined;
  const broker =
    probe === undefined
      ? undefined
      : await startProbeBroker({
          probe,
          owner: runtime.runAs ?? { uid: 0, gid: 0 },
          readerPid: () => reader?.pid,
          log: (line) => warn(`probe: ${line}`),
        });
  if (broker !== undefined) supervisor.adopt({ name: 'probe', pid: undefined, stop: broker.stop });
  const args = [
    ...AGENT_NODE_FLAGS,
    script,
    '--server',
    options.serverUrl,
    '--token-file',
    options.tokenFile,
    '--data',
    home,
    '--node',
    options.nodeName ?? hostname(),
    '--rules',
    join(dirname(script), 'rulesets'),
    ...(options.auditLog === undefined ? [] : ['--audit-log', options.auditLog]),
    ...(options.kubeconfig === undefined ? [] : ['--kubeconfig', options.kubeconfig]),
    ...(options.criSocket === undefined ? [] : ['--cri-socket', options.criSocket]),
    ...(broker === undefined ? ['--no-probe'] : ['--probe-socket', broker.socketPath]),
    ...(options.extraArgs ?? []),
  ];
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', NODE_ENV: 'production', ...AGENT_ENV };
  const asUser =
    runtime.runAs === undefined
      ? []
      : [
          'setpriv',
          `--reuid=${runtime.runAs.uid}`,
          `--regid=${runtime.runAs.gid}`,
          supplementaryGroups(options.criSocket),
          '--no-new-privs',
          '--bounding-set=-all',
          '--inh-caps=-all',
        ];
  const [command = runtime.node, ...rest] = [...asUser, runtime.node, ...args];
  await timed('starting the agent', async () => {
    // setpriv becomes node, so that the process keeps its number.
    reader = supervisor.start({ name: 'agent', command, args: rest, cwd: home, env, group: true });
  });
}

async function agentScript(
  bundle: string,
  dataDir: string,
  runtime: Pick<Runtime, 'runAs'>,
): Promise<string> {
  if (runtime.runAs === undefined) return join(bundle, 'agent.mjs');
  const { copyForService } = await import('./runtime.ts');
  return join(copyForService(bundle, dataDir, 'agent'), 'agent.mjs');
}
