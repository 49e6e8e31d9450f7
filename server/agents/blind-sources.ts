import type { AgentList, AgentRow } from '../../core/wire/agents.ts';
import type { Ctx } from '../context.ts';

type Watched = 'syscall' | 'k8s_audit' | 'node_log' | 'file_integrity';

/** Events within this time prove that a source is watched by a path without agent; not so for the kernel's. */
const PROOF_MS = 15 * 60_000;

const SOURCES: readonly {
  readonly source: Watched;
  readonly checks: RegExp;
  readonly what: string;
  readonly fix: string;
}[] = [
  {
    source: 'syscall',
    // Without a probe, the preflight's checks say why there is none.
    checks: /^(syscall|kernel events|kernel|btf|privileges|bpf programs)$/,
    what: 'processes, files and connections on the nodes',
    fix: 'Run the agent on every node: ./eyrie agent --server URL --token-file FILE, as root, on Linux 5.8 or newer with BTF.',
  },
  {
    source: 'k8s_audit',
    checks: /^(k8s_audit|audit log)$/,
    what: 'requests to the Kubernetes API server',
    fix: 'Give the API server an audit policy, and point its audit webhook at /api/v1/k8s-audit or let the agent read the audit log.',
  },
  {
    source: 'node_log',
    checks: /^node_log$/,
    what: 'logins and services in the logs of the nodes',
    fix: 'Let the agent of every node read its logs: auth.log or secure (group adm), or journald (group systemd-journal).',
  },
  {
    source: 'file_integrity',
    checks: /^file_integrity$/,
    what: 'changes of system files between looks',
    fix: 'Start the agents with --file-integrity auto, as a user that may read the watched files.',
  },
];

/** Sources that nobody watches at present; without any agent that is nearly everything. */
export async function blindSources(ctx: Ctx, agents: readonly AgentRow[]): Promise<AgentList['blind']> {
  const proven = await provenSources(ctx);
  const alive = agents.filter(({ state }) => state !== 'silent');
  return SOURCES.flatMap(({ source, checks, what, fix }) => {
    const perAgent = alive.map(({ preflight }) => preflight.filter(({ name }) => checks.test(name)));
    if (proven.has(source) || perAgent.some(isWatching)) return [];
    const items = perAgent.flat();
    const bad = items.find(({ state }) => state === 'blind') ?? items.find(({ state }) => state === 'off');
    if (bad !== undefined) return [{ source, why: bad.detail, fix: bad.fix ?? fix }];
    return [{ source, why: `${absence(agents.length, alive.length)} Nobody watches ${what}.`, fix }];
  });
}

function isWatching(items: AgentRow['preflight']): boolean {
  return items.length > 0 && items.every(({ state }) => state === 'ok' || state === 'degraded');
}

function absence(all: number, alive: number): string {
  if (all === 0) return 'No agent has reported yet.';
  return alive === 0 ? 'All agents are silent.' : 'No agent reports this source.';
}

async function provenSources(ctx: Ctx): Promise<ReadonlySet<string>> {
  const found = await ctx.pool.query<{ source: string }>(
    `SELECT DISTINCT source FROM event_rollup WHERE metric = 'event' AND source <> 'syscall' AND minute >= $1 AND count > 0`,
    [new Date(ctx.now().getTime() - PROOF_MS)],
  );
  return new Set(found.rows.map(({ source }) => source));
}
