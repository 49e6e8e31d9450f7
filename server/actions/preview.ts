import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { Preview, previewRequestSchema } from '../../core/wire/actions.ts';
import type { Action } from '../../prisma/generated/client.ts';
import { canonicalJson } from '../audit-trail/canonical-json.ts';
import { requireRole } from '../auth/require-role.ts';
import { getCluster } from '../cluster/cluster.ts';
import { type KubeApi, KubeError } from '../cluster/kube-api.ts';
import { type AnyObject, anyObjectSchema } from '../cluster/kube-object.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { checkAccess } from './access.ts';
import { sendChange } from './apply.ts';
import { ACTIONS } from './definitions.ts';
import { diffLines, toYaml, visible } from './diff.ts';
import type { Change, Check, Plan } from './plan.ts';

type Input = z.output<typeof previewRequestSchema>;

/** Shows what an action would do; every call is a read, a permission review or a server dry run. */
export async function previewAction({
  ctx,
  input,
}: {
  readonly ctx: Ctx;
  readonly input: Input;
}): Promise<Preview> {
  requireRole(ctx, 'responder');
  return (await planAndPreview({ ctx, input, undoOf: undefined })).preview;
}

/** The preview together with the plan it shows. Errors: unavailable, not_found, conflict, bad_request. */
export async function planAndPreview(options: {
  readonly ctx: Ctx;
  readonly input: Input;
  readonly undoOf: Action | undefined;
}): Promise<{ readonly plan: Plan; readonly preview: Preview; readonly api: KubeApi }> {
  const { ctx, input, undoOf } = options;
  const definition = ACTIONS[input.action];
  const { target } = input;
  if (target.kind !== definition.targetKind) {
    throw new AppError('bad_request', `${input.action} acts on a ${definition.targetKind}.`, {
      reason: 'target_kind',
    });
  }
  const cluster = getCluster(ctx);
  const api = cluster.requireApi();
  return await explained(async () => {
    const { incidentId } = input;
    const plan = await definition.plan({
      ctx,
      cluster,
      api,
      target,
      options: input.options,
      incidentId,
      undoOf,
    });
    const [access, dry] = await Promise.all([checkAccess(api, plan.access), dryRun(api, plan.changes)]);
    const checks = [...access, dry.check, ...plan.checks];
    const preview: Preview = {
      action: input.action,
      target,
      effect: plan.effect,
      blastRadius: [...plan.blastRadius],
      warnings: [...plan.warnings],
      checks,
      undo: plan.undo,
      objects: plan.changes.map((change, index) => {
        const before = toYaml(change.before);
        const after = toYaml(dry.after[index] ?? null);
        const { kind, namespace, name } = change;
        return { kind, namespace, name, before, after, diff: diffLines(before, after) };
      }),
      connections: [...plan.connections],
      allowed: checks.every((check) => check.state !== 'fail'),
      token: tokenOf(input, plan.changes),
    };
    return { plan, preview, api };
  });
}

/** Hash over the objects as they are and what would be sent, so that a confirm acts on what was shown. */
function tokenOf(input: Input, changes: readonly Change[]): string {
  const objects = changes.map(({ verb, path, before, body }) => ({
    verb,
    path,
    uid: before?.metadata.uid ?? null,
    before: visible(before),
    body: body ?? null,
  }));
  const { action, target, options } = input;
  return createHash('sha256').update(canonicalJson({ action, target, options, objects })).digest('hex');
}

async function dryRun(
  api: KubeApi,
  changes: readonly Change[],
): Promise<{ readonly check: Check; readonly after: readonly (AnyObject | null)[] }> {
  const after: (AnyObject | null)[] = [];
  const refused: string[] = [];
  for (const change of changes) {
    try {
      const reply = await sendChange(api, change, { dryRun: true });
      after.push(change.verb === 'delete' ? null : anyObjectSchema.parse(reply));
    } catch (err) {
      if (!(err instanceof KubeError) || err.status === 0) throw err;
      refused.push(`${change.kind} ${change.name}: ${err.message}`);
      after.push(change.before);
    }
  }
  const count = `${changes.length} ${changes.length === 1 ? 'object' : 'objects'}`;
  return {
    after,
    check: {
      name: 'Server dry run',
      state: refused.length === 0 ? 'pass' : 'fail',
      detail: refused.length === 0 ? `Accepted, ${count}.` : `Refused. ${refused.join(' ')}`,
      by: 'dry run',
    },
  };
}

/** A refusal of the API server becomes an answer that names what is missing. */
async function explained<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (err) {
    if (!(err instanceof KubeError)) throw err;
    if (err.status === 403) {
      throw new AppError('forbidden', `The cluster does not let Eyrie look: ${err.message}`, {
        reason: 'cluster_rbac',
      });
    }
    throw new AppError('unavailable', `The Kubernetes API did not do it: ${err.message}`, {
      reason: 'cluster_unreachable',
      cause: err,
    });
  }
}
