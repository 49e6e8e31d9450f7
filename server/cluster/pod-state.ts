import type { PodState } from '../../core/wire/cluster.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { getCluster } from './cluster.ts';

export const QUARANTINE_LABEL = 'eyrie.dev/quarantine';

/**
 * Live state of one pod from the cache. A pod that is gone answers `exists: false`, so that panels of
 * past events still open. Errors: unavailable without a cluster or before its first answer.
 */
export async function podState({
  ctx,
  input,
}: {
  readonly ctx: Ctx;
  readonly input: { readonly namespace: string; readonly name: string };
}): Promise<PodState> {
  requireRole(ctx, 'viewer');
  const cluster = getCluster(ctx);
  cluster.requireApi();
  await Promise.all([cluster.pods?.ready(), cluster.nodes?.ready()]);
  if (cluster.pods?.contactAt == null) {
    throw new AppError(
      'unavailable',
      `The Kubernetes API does not answer: ${cluster.pods?.error ?? 'no reply yet'}.`,
      {
        reason: 'cluster_unreachable',
      },
    );
  }
  const pod = cluster.pods.get(input.name, input.namespace);
  return {
    namespace: input.namespace,
    name: input.name,
    exists: pod !== undefined,
    phase: pod?.phase ?? null,
    node: pod?.node ?? null,
    nodeUnschedulable: (pod?.node != null && cluster.nodes?.get(pod.node)?.unschedulable) || false,
    ip: pod?.ip ?? null,
    workload: pod?.owner ?? null,
    serviceAccount: pod?.serviceAccount ?? null,
    labels: { ...pod?.labels },
    containers: pod?.containers.map((container) => ({ ...container })) ?? [],
    quarantine: pod?.labels[QUARANTINE_LABEL] === undefined ? null : await quarantineOf(ctx, input),
  };
}

/** The badge: the pod carries the label now; proof and time come from the action that put it there. */
async function quarantineOf(
  ctx: Ctx,
  target: { readonly namespace: string; readonly name: string },
): Promise<NonNullable<PodState['quarantine']>> {
  const action = await ctx.db.action.findFirst({
    where: {
      kind: 'quarantine',
      status: { in: ['applied', 'verified'] },
      target: { equals: { kind: 'pod', namespace: target.namespace, name: target.name } },
    },
    orderBy: { startedAt: 'desc' },
  });
  return {
    actionId: action?.id ?? null,
    since: action?.startedAt.toISOString() ?? null,
    proof: action?.proof === 'enforced' ? 'enforced' : 'unproven',
  };
}
