import type { NodeList, NodeRow } from '../../core/wire/cluster.ts';
import { agentState } from '../agents/list.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { getCluster } from './cluster.ts';
import { clusterStatus } from './cluster-status.ts';
import type { NodeSummary } from './pod-summary.ts';

const ALERTS_WINDOW_MS = 24 * 3600_000;
const NODES_MAX = 5_000;

/**
 * Nodes of the cluster joined with their agents and the alerts of the last 24 h. Without a cluster the
 * nodes are those that agents report. `asOf` is when the API server last answered.
 */
export async function listNodes({ ctx }: { readonly ctx: Ctx }): Promise<NodeList> {
  requireRole(ctx, 'viewer');
  const cluster = getCluster(ctx);
  const now = ctx.now();
  const { clusterId } = ctx.config;
  const [status, agents, alerts, cordons] = await Promise.all([
    clusterStatus({ ctx }),
    ctx.db.agent.findMany({ where: { clusterId }, orderBy: { lastSeenAt: 'asc' }, take: NODES_MAX }),
    ctx.db.event.groupBy({
      by: ['node'],
      where: {
        clusterId,
        rule: { not: null },
        time: { gte: new Date(now.getTime() - ALERTS_WINDOW_MS), lte: now },
      },
      _count: { _all: true },
      _min: { priority: true },
    }),
    ctx.db.action.findMany({
      where: { kind: 'cordon', status: { in: ['applied', 'verified'] }, undoneBy: null },
      orderBy: { startedAt: 'asc' },
      select: { id: true, target: true },
      take: NODES_MAX,
    }),
    cluster.nodes?.ready(),
    cluster.pods?.ready(),
  ]);
  // Later rows win: the agent seen last speaks for the node, the last cordon is the one to undo.
  const agentOf = new Map(agents.map((agent) => [agent.node, agent]));
  const alertsOf = new Map(alerts.map((row) => [row.node, row]));
  const cordonOf = new Map(cordons.map((row) => [(row.target as { name?: string } | null)?.name, row.id]));
  const podsOn = new Map<string, number>();
  for (const pod of cluster.pods?.list() ?? []) {
    if (pod.node !== null) podsOn.set(pod.node, (podsOn.get(pod.node) ?? 0) + 1);
  }
  const known = new Map((cluster.nodes?.list() ?? []).map((node) => [node.metadata.name, node]));
  const names = [...new Set([...known.keys(), ...agentOf.keys()])].sort();
  const nodes = names.map((name): NodeRow => {
    const node: NodeSummary | undefined = known.get(name);
    const agent = agentOf.get(name);
    return {
      name,
      ready: node?.ready ?? null,
      unschedulable: node?.unschedulable ?? false,
      kubeletVersion: node?.kubeletVersion ?? null,
      osImage: node?.osImage ?? null,
      kernelVersion: node?.kernelVersion ?? agent?.kernel ?? null,
      internalIp: node?.internalIp ?? null,
      pods: podsOn.get(name) ?? 0,
      createdAt: node?.createdAt ?? null,
      agentId: agent?.id ?? null,
      agentState: agent === undefined ? 'none' : agentState(agent, now.getTime()),
      alerts: alertsOf.get(name)?._count._all ?? 0,
      highestPriority: alertsOf.get(name)?._min.priority ?? null,
      cordonActionId: node?.unschedulable ? (cordonOf.get(name) ?? null) : null,
    };
  });
  return { nodes, cluster: status, asOf: (cluster.nodes?.contactAt ?? now).toISOString() };
}
