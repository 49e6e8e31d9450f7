import { type ActionTarget, actionTargetSchema } from '../../core/wire/actions.ts';
import type { Action } from '../../prisma/generated/client.ts';
import { appendAudit } from '../audit-trail/append.ts';
import { getCluster } from '../cluster/cluster.ts';
import type { KubeApi } from '../cluster/kube-api.ts';
import { networkPolicySchema, podSchema } from '../cluster/kube-object.ts';
import type { Ctx } from '../context.ts';
import { type Runtime, systemContext } from '../runtime.ts';
import { kindOf } from './action-row.ts';
import { ACTIONS } from './definitions.ts';
import { isScheduleApplied } from './node-schedule.ts';
import { targetName } from './plan.ts';
import { storeProof } from './prove.ts';
import { podPath, policiesPath } from './quarantine.ts';
import { addActionEntry, notify } from './record.ts';
import { labelDrift, quarantineImageSchema } from './release.ts';

/** Longer than any action and its proof take, so that one which another replica is running is left alone. */
const STALE_MS = 5 * 60_000;
const EVERY_MS = 60_000;
const BATCH = 50;

/**
 * Settles actions that a crash interrupted: at start, then every minute, for actions begun more than five
 * minutes ago. Returns the stop function, which is also called at shutdown.
 */
export function startActionRecovery(runtime: Runtime): () => void {
  const ctx = systemContext(runtime, 'actions');
  const run = () => {
    recoverActions(ctx).catch((err: unknown) =>
      ctx.log.warn({ err }, 'interrupted actions were not settled'),
    );
  };
  const timer = setInterval(run, EVERY_MS);
  timer.unref();
  run();
  const stop = () => clearInterval(timer);
  runtime.onShutdown(stop);
  return stop;
}

/** Looks at the cluster for every stale action and stores what is true. Returns how many were settled. */
export async function recoverActions(ctx: Ctx): Promise<number> {
  const cluster = getCluster(ctx);
  if (cluster.api === null) return 0;
  const before = new Date(ctx.now().getTime() - STALE_MS);
  const stale = await ctx.db.action.findMany({
    where: {
      startedAt: { lt: before },
      OR: [{ status: 'running' }, { status: 'applied', kind: 'quarantine', endedAt: null }],
    },
    orderBy: { startedAt: 'asc' },
    take: BATCH,
  });
  for (const action of stale) {
    if (action.status === 'running') await settle(ctx, cluster.api, action);
    if (action.kind === 'quarantine') await closeProof(ctx, action);
  }
  return stale.length;
}

async function settle(ctx: Ctx, api: KubeApi, action: Action): Promise<void> {
  const target = actionTargetSchema.parse(action.target);
  const applied = await isApplied(api, action, target);
  const now = ctx.now();
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.action.updateMany({
      where: { id: action.id, status: 'running' },
      data: applied
        ? { status: 'applied', ...(action.kind === 'quarantine' ? {} : { endedAt: now }) }
        : { status: 'failed', endedAt: now, error: 'The server stopped before the change was made.' },
    });
    if (count === 0) return;
    const takenBack = action.undoOf ?? (action.preImage as { quarantineId?: string } | null)?.quarantineId;
    if (applied && takenBack != null) {
      await tx.action.update({ where: { id: takenBack }, data: { status: 'undone', undoneBy: action.id } });
    }
    const summary = applied
      ? ACTIONS[kindOf(action)].done(target)
      : `tried to ${action.kind} ${targetName(target)}. The server stopped before the change was made`;
    const step = applied ? 'applied' : 'failed';
    await addActionEntry(tx, action, {
      step,
      time: now,
      summary,
      outcome: applied ? 'ok' : 'failed',
      target,
    });
    await notify(tx, { t: 'action', id: action.id });
    await appendAudit(tx, ctx, {
      verb: `action.${action.kind}.recovered`,
      target: `action:${action.id}`,
      detail: { status: applied ? 'applied' : 'failed' },
    });
  });
}

/** True when the cluster is as the action wanted it. A half-made quarantine is cleaned up and counts as not. */
async function isApplied(api: KubeApi, action: Action, target: ActionTarget): Promise<boolean> {
  const kind = kindOf(action);
  if (kind === 'cordon' || kind === 'uncordon')
    return await isScheduleApplied(api, target, kind === 'cordon');
  if (target.kind !== 'pod') return false;
  const wanted = quarantineImageSchema.parse(action.postImage);
  const policyPath = `${policiesPath(target.namespace)}/${encodeURIComponent(wanted.policy)}`;
  const [pod, policy] = await Promise.all([
    api.find(podSchema, podPath(target)),
    api.find(networkPolicySchema, policyPath),
  ]);
  const labelled =
    pod?.metadata.uid === wanted.uid && labelDrift(wanted.labels, pod.metadata.labels).length === 0;
  if (kind === 'release') {
    if (policy !== undefined && labelled) await api.call('DELETE', policyPath);
    return labelled || pod?.metadata.uid !== wanted.uid;
  }
  if (policy !== undefined && !labelled) await api.call('DELETE', policyPath);
  return labelled && policy !== undefined;
}

async function closeProof(ctx: Ctx, action: Action): Promise<void> {
  const target = actionTargetSchema.parse(action.target);
  if (target.kind !== 'pod') return;
  const detail = 'The server stopped while the pod was watched.';
  await storeProof({ ctx, action, target, proof: 'unproven', detail });
}
