import type { CommandTarget } from '../../core/wire/commands.ts';
import type { Agent } from '../../prisma/generated/client.ts';
import { protectedReason } from '../actions/protected-target.ts';
import { podPath } from '../actions/quarantine.ts';
import { WEBHOOK_AGENT_ID } from '../agents/webhook-agent.ts';
import { getCluster } from '../cluster/cluster.ts';
import { podSchema } from '../cluster/kube-object.ts';
import type { Ctx } from '../context.ts';

const LOOK_BACK_MS = 24 * 3_600_000;
const CONTAINERS_MAX = 64;

export type Scope = { readonly podUid: string | null; readonly containerIds: readonly string[] };

export type Place = {
  readonly node: string | null;
  readonly agent: Agent | null;
  readonly scope: Scope;
  /** How the node was found, for the preview; null when it was not. */
  readonly by: string | null;
  /** Why this pod must not be disturbed; null when it may. */
  readonly protectedReason: string | null;
  readonly podGone: boolean;
};

const NO_SCOPE: Scope = { podUid: null, containerIds: [] };

/** Finds where a target runs: by the Kubernetes API where it is reachable, else by what the sensor stored. */
export async function locate(ctx: Ctx, target: CommandTarget): Promise<Place> {
  if (target.kind !== 'pod') {
    const node = target.kind === 'node' ? target.name : target.node;
    const agent = await agentOf(ctx, node);
    return { node, agent, scope: NO_SCOPE, by: 'request', protectedReason: null, podGone: false };
  }
  const [live, seen] = await Promise.all([livePod(ctx, target), seenPod(ctx, target)]);
  const node = live?.node ?? seen.node;
  const podUid = live?.uid ?? seen.podUid;
  const isSame = seen.podUid === null || podUid === seen.podUid;
  return {
    node,
    agent: node === null ? null : await agentOf(ctx, node),
    scope: { podUid, containerIds: isSame ? seen.containerIds : [] },
    by: live?.node != null ? 'API server' : seen.node === null ? null : 'events of the pod',
    protectedReason: live?.protectedReason ?? systemNamespace(target.namespace),
    podGone: live?.gone === true,
  };
}

async function agentOf(ctx: Ctx, node: string): Promise<Agent | null> {
  return await ctx.db.agent.findFirst({
    where: { clusterId: ctx.config.clusterId, node, id: { not: WEBHOOK_AGENT_ID } },
    orderBy: { lastSeenAt: 'desc' },
  });
}

type Live = {
  readonly gone: boolean;
  readonly node: string | null;
  readonly uid: string | null;
  readonly protectedReason: string | null;
};

/** Undefined when the API cannot be asked: then events must do. */
async function livePod(ctx: Ctx, target: { namespace: string; name: string }): Promise<Live | undefined> {
  const cluster = getCluster(ctx);
  if (cluster.api === null) return undefined;
  try {
    const pod = await cluster.api.find(podSchema, podPath(target));
    if (pod === undefined) return { gone: true, node: null, uid: null, protectedReason: null };
    return {
      gone: false,
      node: pod.spec.nodeName ?? null,
      uid: pod.metadata.annotations['kubernetes.io/config.hash'] ?? pod.metadata.uid,
      protectedReason: protectedReason(cluster, pod),
    };
  } catch (err) {
    ctx.log.info({ err }, 'the pod of a command was not looked up');
    return undefined;
  }
}

async function seenPod(
  ctx: Ctx,
  target: { namespace: string; name: string },
): Promise<{ node: string | null; podUid: string | null; containerIds: string[] }> {
  const rows = await ctx.db.$queryRaw<{ node: string; podUid: string | null; containerId: string | null }[]>`
    SELECT node, pod_uid AS "podUid", container_id AS "containerId" FROM event
     WHERE cluster_id = ${ctx.config.clusterId} AND namespace = ${target.namespace} AND pod = ${target.name}
       AND time >= ${new Date(ctx.now().getTime() - LOOK_BACK_MS)} AND source = 'syscall' AND node IS NOT NULL
     ORDER BY time DESC LIMIT 500`;
  const [last] = rows;
  if (last === undefined) return { node: null, podUid: null, containerIds: [] };
  const own = rows.filter(({ podUid }) => podUid === last.podUid);
  const ids = new Set(own.flatMap(({ containerId }) => (containerId === null ? [] : [containerId])));
  return { node: last.node, podUid: last.podUid, containerIds: [...ids].slice(0, CONTAINERS_MAX) };
}

/** Without the API the namespace alone tells what belongs to the cluster itself. */
function systemNamespace(namespace: string): string | null {
  return /^kube-(system|public|node-lease)$/.test(namespace)
    ? `${namespace} holds the cluster’s own parts.`
    : null;
}
