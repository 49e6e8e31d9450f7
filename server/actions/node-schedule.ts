import type { ActionTarget } from '../../core/wire/actions.ts';
import { nodeSchema, podSchema } from '../cluster/kube-object.ts';
import { isControlPlane } from '../cluster/pod-summary.ts';
import { AppError } from '../errors.ts';
import { readable } from './blast-radius.ts';
import type { ActionDefinition, Check, Plan, PlanInput } from './plan.ts';

const PODS_MAX = 5_000;
const NODES_MAX = 5_000;

/** Takes a node out of scheduling. RBAC: get, list, patch nodes; list pods for the blast radius. */
export const cordon: ActionDefinition = {
  kind: 'cordon',
  targetKind: 'node',
  done: (target) => `cordoned ${target.name}. New pods will not be scheduled there`,
  plan: (input) => planSchedule(input, true),
  inverse: 'uncordon',
};

/** Lets a node take pods again. RBAC as cordon. */
export const uncordon: ActionDefinition = {
  kind: 'uncordon',
  targetKind: 'node',
  done: (target) => `uncordoned ${target.name}. New pods can be scheduled there again`,
  plan: (input) => planSchedule(input, false),
  inverse: 'cordon',
};

async function planSchedule(input: PlanInput, unschedulable: boolean): Promise<Plan> {
  const { api, target } = input;
  const path = `/api/v1/nodes/${encodeURIComponent(target.name)}`;
  const node = await api.find(nodeSchema, path);
  if (node === undefined) throw new AppError('not_found', `There is no node ${target.name}.`);
  const checks: Check[] = [];
  const warnings: string[] = [];
  const pods = await readable('list pods', checks, () =>
    api.list(podSchema, '/api/v1/pods', {
      max: PODS_MAX,
      query: { fieldSelector: `spec.nodeName=${target.name}` },
    }),
  );
  const nodes = await readable('list nodes', checks, () =>
    api.list(nodeSchema, '/api/v1/nodes', { max: NODES_MAX }),
  );
  const others = nodes?.items.filter(
    (other) =>
      other.metadata.name !== target.name &&
      !other.spec.unschedulable &&
      other.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
  ).length;
  checks.push(stateCheck(input, node.spec.unschedulable, unschedulable));
  if (unschedulable && others === 0) {
    warnings.push(
      'This is the last node that takes pods: nothing new will start in the cluster until one is uncordoned.',
    );
  }
  if (unschedulable && isControlPlane(node)) {
    warnings.push(
      'This node runs the control plane. Static pods keep running; anything else of it cannot be placed here again.',
    );
  }
  const running = pods?.items.length;
  return {
    effect: unschedulable
      ? 'New pods will not be scheduled on this node. Pods that run there keep running. It can be undone.'
      : 'The scheduler may place new pods on this node again. Nothing moves by itself. It can be undone.',
    undo: unschedulable
      ? 'Uncordons the node, unless somebody else changed it in the meantime.'
      : 'Cordons the node again. Pods placed there meanwhile stay.',
    blastRadius: [
      { value: '1', label: unschedulable ? 'node takes no new pods' : 'node takes new pods' },
      ...(running === undefined ? [] : [{ value: String(running), label: 'pods on it keep running' }]),
      ...(others === undefined ? [] : [{ value: String(others), label: 'other ready nodes take pods' }]),
    ],
    warnings,
    checks,
    access: [{ verb: 'patch', group: '', resource: 'nodes', namespace: undefined, name: target.name }],
    changes: [
      {
        verb: 'patch',
        kind: 'Node',
        namespace: null,
        name: target.name,
        path,
        before: { ...node, kind: 'Node', apiVersion: 'v1' },
        body: { spec: { unschedulable: unschedulable ? true : null } },
      },
    ],
    connections: [],
    preImage: { uid: node.metadata.uid, unschedulable: node.spec.unschedulable },
    postImage: { uid: node.metadata.uid, unschedulable },
  };
}

function stateCheck({ undoOf }: PlanInput, now: boolean, wanted: boolean): Check {
  const changed = now === wanted;
  const word = now ? 'cordoned' : 'not cordoned';
  if (!changed) return { name: 'State', state: 'pass', detail: `The node is ${word} now.`, by: 'API server' };
  return {
    name: 'State',
    state: 'fail',
    detail:
      undoOf === undefined
        ? `The node is ${word} already; there is nothing to change.`
        : `Somebody else changed the node since: it is ${word} already.`,
    by: 'API server',
  };
}

/** Fresh read: is the node as the action wants it? */
export async function isScheduleApplied(
  api: PlanInput['api'],
  target: ActionTarget,
  unschedulable: boolean,
): Promise<boolean> {
  const node = await api.find(nodeSchema, `/api/v1/nodes/${encodeURIComponent(target.name)}`);
  return node?.spec.unschedulable === unschedulable;
}
