import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildPidfdKill } from '../agent/commands/build-pidfd-kill.ts';
import { socketPath, startAgent } from './lib/agent-process.ts';
import { serviceUser } from './lib/packages.ts';
import { defaultDataDir, isLinux, isRoot } from './lib/paths.ts';
import { CliError, step } from './lib/report.ts';
import { agentRuntime, ownedCopy, stateDir } from './lib/runtime.ts';
import { Supervisor } from './lib/supervisor.ts';

const HELP = `Usage: ./eyrie agent --server URL --token-file FILE [options]

Runs this node's agent alone. The token is made under Settings, Tokens (kind agent).

  --server URL         address of the Eyrie server
  --token-file FILE    file with the agent token
  --data DIR           spool and state (default ${defaultDataDir()})
  --audit-log FILE     Kubernetes audit log to tail
  --kubeconfig FILE    to look up pods on this node
  --cri-socket FILE    container runtime to ask for names; who may use it is root on the node (default: none)
  --node NAME          node name (default: this host's name)
  --config FILE        further settings (docs/operations.md)
  --privileged         as root, keep its rights, so that it can collect evidence, freeze and end processes
                       when a responder asks (default: the agent has no capabilities)
`;

/** `eyrie agent`: as root the probe keeps its capabilities and the agent itself has none, unless asked for. */
export async function runAgentCommand(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      server: { type: 'string' },
      'token-file': { type: 'string' },
      data: { type: 'string' },
      'audit-log': { type: 'string' },
      kubeconfig: { type: 'string' },
      'cri-socket': { type: 'string' },
      node: { type: 'string' },
      config: { type: 'string' },
      privileged: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const tokenFile = values['token-file'];
  if (values.server === undefined || tokenFile === undefined)
    throw new CliError(`--server and --token-file are needed\n\n${HELP}`, 2);
  if (!existsSync(tokenFile)) throw new CliError(`--token-file ${tokenFile}: no such file`, 2);
  const criSocket = socketPath(values['cri-socket']);
  const dataDir = resolve(values.data ?? defaultDataDir());
  if (values.privileged && !(isRoot && isLinux)) throw new CliError('--privileged needs root on Linux', 2);
  const runAs = isRoot && isLinux && !values.privileged ? serviceUser() : undefined;
  const runtime = await agentRuntime(dataDir, runAs);
  const secrets = stateDir(dataDir, 'secrets', runAs);
  const copy = (from: string | undefined, name: string): string | undefined =>
    from === undefined || runAs === undefined ? from : ownedCopy(from, join(secrets, name), runAs);
  const supervisor = new Supervisor(join(dataDir, 'log'));
  const interruption = new Promise<undefined>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => done(undefined));
  });
  try {
    await startAgent({
      supervisor,
      runtime,
      dataDir,
      serverUrl: values.server,
      tokenFile: copy(tokenFile, 'agent-token') ?? tokenFile,
      kubeconfig: copy(values.kubeconfig, 'agent-kubeconfig'),
      auditLog: values['audit-log'],
      criSocket,
      nodeName: values.node,
      extraArgs: [
        ...(values.config === undefined ? [] : ['--config', resolve(values.config)]),
        ...(values.privileged ? ['--pidfd-kill', await buildPidfdKill(join(dataDir, 'bin'))] : []),
      ],
    });
    step(`the agent runs; its log: ${supervisor.logPath('agent')}. See it under Agents at ${values.server}`);
    const outcome = await Promise.race([supervisor.failure, interruption]);
    if (outcome === undefined) return 0;
    process.stderr.write(`eyrie: ${outcome}\n`);
    return 1;
  } finally {
    await supervisor.stop();
  }
}
