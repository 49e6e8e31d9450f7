import type { AgentList, AgentRow } from '../../core/wire/agents.ts';
import type { Ctx } from '../context.ts';

type Watched = 'syscall' | 'k8s_audit' | 'node_log' | 'file_integrity';

/** Events of a source within this time prove that it is watched, by whatever path. */
const PROOF_MS = 15 * 60_000;

const SOURCES: readonly {
  readonly source: Watched;
  readonly checks: RegExp;
  readonly what: string;
  readonly fix: string;
}[] = [
  {
    source: 'syscall',
    checks: /^(syscall|probe|bpf)/,
    what: 'processes, files and connections on the nodes',
    fix: 'Run the agent on every node: ./eyrie agent --server URL --token-file FILE, as root, on Linux 5.8 or newer with BTF.',
  },
  {
    source: 'k8s_audit',
    checks: /^(k8s_audit|audit)/,
    what: 'requests to the Kubernetes API server',
    fix: 'Give the API server an audit policy, and point its audit webhook at /api/v1/k8s-audit or let the agent read the audit log.',
  },
  {
    source: 'node_log',
    checks: /^(node_log|log)/,
    what: 'logins and services in the logs of the nodes',
    fix: 'Let the agent read /var/log/auth.log or the journal of the node.',
  },
  {
    source: 'file_integrity',
    checks: /^(file_integrity|integrity)/,
    what: 'changes of system files between looks',
    fix: 'Name the paths to compare in the configuration of the agent.',
  },
];

/** Sources that nobody watches at present; without any agent that is nearly everything. */
export async function blindSources(ctx: Ctx, agents: readonly AgentRow[]): Promise<AgentList['blind']> {
  const proven = await provenSources(ctx);
  const alive = agents.filter(({ state }) => state !== 'silent');
  return SOURCES.flatMap(({ source, checks, what, fix }) => {
    const items = alive.flatMap(({ preflight }) => preflight.filter(({ name }) => checks.test(name)));
    if (proven.has(source) || items.some(({ state }) => state === 'ok' || state === 'degraded')) return [];
    const bad = items.find(({ state }) => state === 'blind') ?? items[0];
    if (bad !== undefined) return [{ source, why: bad.detail, fix: bad.fix ?? fix }];
    return [{ source, why: `${absence(agents.length, alive.length)} Nobody watches ${what}.`, fix }];
  });
}

function absence(all: number, alive: number): string {
  if (all === 0) return 'No agent has reported yet.';
  return alive === 0 ? 'All agents are silent.' : 'No agent reports this source.';
}

async function provenSources(ctx: Ctx): Promise<ReadonlySet<string>> {
  const found = await ctx.pool.query<{ source: string }>(
    `SELECT DISTINCT source FROM event_rollup WHERE metric = 'event' AND minute >= $1 AND count > 0`,
    [new Date(ctx.now().getTime() - PROOF_MS)],
  );
  return new Set(found.rows.map(({ source }) => source));
}
