import { type CommandResult, run } from '../testcluster/command.ts';
import type { ClusterUser } from '../testcluster/credentials.ts';
import { listPods } from '../testcluster/readiness.ts';
import type { TestCluster } from '../testcluster/test-cluster.ts';

export type PodName = { readonly namespace: string; readonly name: string };

/** What an attacker does, done for real against a test cluster; each step is told as it happens. */
export class Attack {
  readonly cluster: TestCluster;
  readonly #say: (line: string) => void;

  constructor(cluster: TestCluster, say: (line: string) => void) {
    this.cluster = cluster;
    this.#say = say;
  }

  /** A ready pod of a workload. Errors: throws when there is none. */
  async pod(app: string, namespace = 'shop'): Promise<PodName> {
    const pods = await listPods(this.cluster.api, namespace);
    const found = pods
      .filter((pod) => pod.app === app && pod.ready)
      .sort((a, b) => (a.name < b.name ? -1 : 1))[0];
    if (found === undefined) throw new Error(`no ready pod of ${namespace}/${app}`);
    return { namespace, name: found.name };
  }

  async kubectl(
    args: readonly string[],
    options: { readonly as?: ClusterUser; readonly input?: string } = {},
  ): Promise<CommandResult> {
    this.#say(`${options.as ?? 'administrator'}$ kubectl ${args.map(shown).join(' ')}`);
    const result = await this.cluster.kubectl(args, options);
    this.#tell(result);
    return result;
  }

  /** A command in a container without a terminal, as a script or a tool would run it. */
  exec(pod: PodName, command: readonly string[], as: ClusterUser = 'alice'): Promise<CommandResult> {
    return this.kubectl(['-n', pod.namespace, 'exec', pod.name, '--', ...command], { as });
  }

  /** An interactive shell with a terminal, as a person would open it; the lines are typed into it. */
  async shell(pod: PodName, lines: readonly string[], as: ClusterUser = 'alice'): Promise<CommandResult> {
    const kubectl = this.cluster.kubectlCommand(
      ['-n', pod.namespace, 'exec', '-it', pod.name, '--', 'sh'],
      as,
    );
    this.#say(`${as}$ kubectl -n ${pod.namespace} exec -it ${pod.name} -- sh`);
    for (const line of lines) this.#say(`  # ${line}`);
    // script(1) gives kubectl the terminal that -t asks for. No argument here holds a quote.
    const result = await run('script', ['-qec', kubectl.argv.join(' '), '/dev/null'], {
      input: [...lines, 'exit', ''].join('\n'),
      env: kubectl.env,
    });
    this.#tell(result);
    return result;
  }

  /** A plain HTTPS request to the API server. Shape: the status code. */
  async request(path: string, token: string): Promise<number> {
    const { status } = await this.cluster.api.call('GET', path, { token });
    this.#say(`GET ${path} with a token that does not exist: ${status}`);
    return status;
  }

  #tell({ code, stdout, stderr }: CommandResult): void {
    const text = `${stdout}${stderr}`.trimEnd();
    for (const line of text.split('\n').slice(0, 12)) if (line !== '') this.#say(`    ${printable(line)}`);
    if (code !== 0) this.#say(`    (exit ${code})`);
  }
}

/** For people's eyes: what runs is always an argument list. Quoted so that a copied line does no more than this one. */
function shown(arg: string): string {
  return /^[\w@%+=:,./{}-]+$/.test(arg) ? arg : `'${printable(arg).replaceAll("'", "'\\''")}'`;
}

/**
 * The container's output is as hostile as any other: no control or direction characters reach the terminal.
 * A stolen token is told by its first characters only.
 */
function printable(text: string): string {
  return text
    .trimEnd()
    .replaceAll(/\b(eyJ\w{8})[\w.-]+/g, '$1…')
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
