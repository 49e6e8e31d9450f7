import type { ActionKind, ActionTarget, Preview } from '../../core/wire/actions.ts';
import type { Action, Prisma } from '../../prisma/generated/client.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { KubeApi } from '../cluster/kube-api.ts';
import type { AnyObject } from '../cluster/kube-object.ts';
import type { Ctx } from '../context.ts';

export type Check = Preview['checks'][number];

/** One object that an action touches. `path` is the object's own, or its collection's for a create. */
export type Change = {
  readonly verb: 'create' | 'patch' | 'delete';
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly path: string;
  readonly before: AnyObject | null;
  /** The object of a create, the merge patch of a patch; nothing for a delete. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
};

/** One verb the server's identity needs for an action. */
export type Access = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
};

/** Everything an action would do, worked out from the cluster as it is now; nothing has been changed. */
export type Plan = {
  readonly effect: string;
  readonly undo: string;
  readonly blastRadius: Preview['blastRadius'];
  readonly warnings: readonly string[];
  readonly checks: readonly Check[];
  readonly access: readonly Access[];
  readonly changes: readonly Change[];
  readonly connections: Preview['connections'];
  /** What undo restores, and what it expects to find. */
  readonly preImage: Prisma.InputJsonObject;
  readonly postImage: Prisma.InputJsonObject;
};

export type PlanInput = {
  readonly ctx: Ctx;
  readonly cluster: Cluster;
  readonly api: KubeApi;
  readonly target: ActionTarget;
  readonly options: { readonly allowDns: boolean };
  readonly incidentId: number | undefined;
  /** The recorded action this one takes back. */
  readonly undoOf: Action | undefined;
};

/** What each kind of action declares. */
export type ActionDefinition = {
  readonly kind: ActionKind;
  readonly targetKind: ActionTarget['kind'];
  /** Past tense for timelines: "cordoned worker-1". */
  readonly done: (target: ActionTarget) => string;
  readonly plan: (input: PlanInput) => Promise<Plan>;
  /** The kind that takes it back; null when only a new decision can. */
  readonly inverse: ActionKind | null;
};

export function targetName(target: ActionTarget): string {
  return target.kind === 'pod' ? `${target.namespace}/${target.name}` : target.name;
}
