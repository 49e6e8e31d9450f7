import type { Pool } from 'pg';
import { getCluster } from '../cluster/cluster.ts';
import type { Ctx } from '../context.ts';

/** Connections are read a minute after they came: the pod at their other end may be gone by then. */
const KEPT_MS = 10 * 60_000;

/** `namespace/Kind/name` of the workload whose pod has an address. */
export type WorkloadOf = (ip: string) => string | undefined;

type Kept = { readonly name: string | undefined; readonly until: number };
const byPool = new WeakMap<Pool, Map<string, Kept>>();

/**
 * Names of pod addresses from the watched pods, those of the last ten minutes included. Without access to a
 * cluster no address has a name; undefined while the pods of a configured cluster were never listed.
 */
export async function podNames(
  ctx: Pick<Ctx, 'config' | 'log' | 'pool' | 'now'>,
): Promise<WorkloadOf | undefined> {
  const { pods } = getCluster(ctx);
  if (pods === null) return () => undefined;
  await pods.ready();
  if (pods.contactAt === null) return undefined;
  const now = ctx.now().getTime();
  const known = byPool.get(ctx.pool) ?? new Map<string, Kept>();
  byPool.set(ctx.pool, known);
  for (const [ip, { until }] of known) if (until < now) known.delete(ip);
  const current = namesByIp(pods.list());
  for (const [ip, name] of current) known.set(ip, { name, until: now + KEPT_MS });
  return (ip) => known.get(ip)?.name;
}

/** Addresses of running pods. One that several workloads share is a node's, and names none of them. */
export function namesByIp(
  pods: readonly {
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly phase: string | null;
    readonly ip: string | null;
    readonly owner: string | null;
  }[],
): ReadonlyMap<string, string | undefined> {
  const names = new Map<string, string | undefined>();
  for (const { metadata, phase, ip, owner } of pods) {
    // The address of a pod that has ended may be another pod's already.
    if (ip === null || phase === 'Succeeded' || phase === 'Failed') continue;
    const name = `${metadata.namespace}/${owner ?? `Pod/${metadata.name}`}`;
    names.set(ip, !names.has(ip) || names.get(ip) === name ? name : undefined);
  }
  return names;
}
