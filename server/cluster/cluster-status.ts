import type { ClusterStatus } from '../../core/wire/cluster.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { getCluster } from './cluster.ts';
import { CLUSTER_HELP } from './connect.ts';

/** Whether the Kubernetes API is configured and answers, with the way to configure it when not. */
export async function clusterStatus({ ctx }: { readonly ctx: Ctx }): Promise<ClusterStatus> {
  requireRole(ctx, 'viewer');
  const cluster = getCluster(ctx);
  const name = ctx.config.clusterName;
  if (!cluster.connection.configured) {
    const { error, help } = cluster.connection;
    return { configured: false, reachable: false, name, version: null, error, help };
  }
  const { value, error } = await cluster.version();
  const watchError = cluster.nodes?.error ?? cluster.pods?.error ?? null;
  return {
    configured: true,
    reachable: error === null,
    name,
    version: value,
    error: error ?? watchError,
    help: error === null ? null : `The kubeconfig is in use, but the API does not answer. ${CLUSTER_HELP}`,
  };
}
