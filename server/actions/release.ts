import { z } from 'zod';
import type { Action } from '../../prisma/generated/client.ts';
import { networkPolicySchema, type Pod, podSchema } from '../cluster/kube-object.ts';
import { AppError } from '../errors.ts';
import {
  type ActionDefinition,
  type Change,
  type Check,
  type Plan,
  type PlanInput,
  targetName,
} from './plan.ts';
import { podPath, policiesPath } from './quarantine.ts';

export const UNCHANGED_CHECK = 'Unchanged since quarantine';

export const quarantineImageSchema = z.object({
  uid: z.string(),
  labels: z.record(z.string(), z.string()),
  policy: z.string(),
});
type Image = z.infer<typeof quarantineImageSchema>;

/**
 * Takes a quarantine back from its stored pre-image.
 * RBAC: get, patch pods; get, delete networkpolicies.
 */
export const release: ActionDefinition = {
  kind: 'release',
  targetKind: 'pod',
  done: (target) => `released ${targetName(target)} from quarantine`,
  plan: planRelease,
  inverse: null,
};

async function planRelease(input: PlanInput): Promise<Plan> {
  const { api, target } = input;
  if (target.kind !== 'pod') throw new AppError('bad_request', 'Only pods can be released.');
  const record = input.undoOf ?? (await findQuarantine(input));
  if (record === null) {
    throw new AppError('conflict', `Eyrie has no open quarantine of ${targetName(target)} on record.`, {
      reason: 'not_quarantined',
    });
  }
  const pre = quarantineImageSchema.parse(record.preImage);
  const post = quarantineImageSchema.parse(record.postImage);
  const policyPath = `${policiesPath(target.namespace)}/${encodeURIComponent(pre.policy)}`;
  const [found, policy] = await Promise.all([
    api.find(podSchema, podPath(target)),
    api.find(networkPolicySchema, policyPath),
  ]);
  // A StatefulSet gives the name again: another uid is another pod, which was never quarantined.
  const pod = found?.metadata.uid === pre.uid ? found : undefined;
  const changes: Change[] = [];
  if (pod !== undefined) changes.push(labelChange(target, pod, pre));
  if (policy !== undefined) {
    changes.push({
      verb: 'delete',
      kind: 'NetworkPolicy',
      namespace: target.namespace,
      name: pre.policy,
      path: policyPath,
      before: { ...policy, kind: 'NetworkPolicy', apiVersion: 'networking.k8s.io/v1' },
      body: undefined,
    });
  }
  const owned = pod !== undefined && Object.keys(pre.labels).some((key) => !(key in post.labels));
  return {
    effect:
      'The pod gets its labels back and the quarantine policy is deleted, so traffic flows again. It cannot be undone; quarantine the pod again instead.',
    undo: 'Not possible. Quarantine the pod again instead.',
    blastRadius: [
      { value: pod === undefined ? '0' : '1', label: 'pod gets its traffic back' },
      { value: policy === undefined ? '0' : '1', label: 'NetworkPolicy deleted' },
    ],
    warnings: owned
      ? [
          'If a ReplicaSet started a replacement, it now has one pod too many and deletes one, maybe this one.',
        ]
      : [],
    checks: checksOf({ pod, policyFound: policy !== undefined, post }),
    access: [
      { verb: 'patch', group: '', resource: 'pods', namespace: target.namespace, name: target.name },
      {
        verb: 'delete',
        group: 'networking.k8s.io',
        resource: 'networkpolicies',
        namespace: target.namespace,
        name: pre.policy,
      },
    ],
    changes,
    connections: [],
    preImage: {
      quarantineId: record.id,
      uid: pre.uid,
      labels: pod?.metadata.labels ?? {},
      policy: pre.policy,
    },
    postImage: { quarantineId: record.id, uid: pre.uid, labels: pre.labels, policy: pre.policy },
  };
}

/** The latest quarantine of a pod that nobody has taken back. */
async function findQuarantine({ ctx, target }: PlanInput): Promise<Action | null> {
  return await ctx.db.action.findFirst({
    where: {
      kind: 'quarantine',
      status: { in: ['applied', 'verified'] },
      undoneBy: null,
      target: { equals: { ...target } },
    },
    orderBy: { startedAt: 'desc' },
  });
}

function labelChange(
  target: { readonly namespace: string; readonly name: string },
  pod: Pod,
  pre: Image,
): Change {
  const labels: Record<string, string | null> = { ...pre.labels };
  for (const key of Object.keys(pod.metadata.labels)) if (!(key in pre.labels)) labels[key] = null;
  return {
    verb: 'patch',
    kind: 'Pod',
    namespace: target.namespace,
    name: target.name,
    path: podPath(target),
    before: { ...pod, kind: 'Pod', apiVersion: 'v1' },
    body: { metadata: { labels } },
  };
}

function checksOf(input: {
  readonly pod: Pod | undefined;
  readonly policyFound: boolean;
  readonly post: Image;
}): Check[] {
  const { pod, post } = input;
  const checks: Check[] = [];
  if (pod === undefined) {
    const detail = 'The quarantined pod no longer exists; only the policy is left to delete.';
    checks.push({ name: UNCHANGED_CHECK, state: 'warn', detail, by: 'API server' });
  } else {
    const drift = labelDrift(post.labels, pod.metadata.labels);
    checks.push({
      name: UNCHANGED_CHECK,
      state: drift.length === 0 ? 'pass' : 'fail',
      detail:
        drift.length === 0
          ? 'The pod’s labels are as the quarantine left them.'
          : `Somebody changed the pod’s labels since: ${drift.join('; ')}. Set them back, or release by hand.`,
      by: 'API server',
    });
  }
  checks.push({
    name: 'Quarantine policy',
    state: input.policyFound ? 'pass' : 'warn',
    detail: input.policyFound ? `${post.policy} exists.` : `${post.policy} is gone already.`,
    by: 'API server',
  });
  return checks;
}

/** Differences in words: `app: — → web`. */
export function labelDrift(
  expected: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
): string[] {
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(found)])].sort();
  return keys
    .filter((key) => expected[key] !== found[key])
    .map((key) => `${key}: ${expected[key] ?? '—'} → ${found[key] ?? '—'}`);
}
