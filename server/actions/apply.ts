import { setTimeout as delay } from 'node:timers/promises';
import { type KubeApi, KubeError } from '../cluster/kube-api.ts';
import { type AnyObject, anyObjectSchema } from '../cluster/kube-object.ts';
import { toYaml } from './diff.ts';
import type { Change } from './plan.ts';

/** With the pauses about 3 s: a node that was just cordoned is written to by the kubelet and the controllers. */
const CONFLICT_TRIES = 8;
const CONFLICT_PAUSE_MS = 25;

/** The object is no longer what the preview showed. */
export class ChangedError extends Error {
  constructor(change: Change) {
    super(`${change.kind} ${change.name} changed since the preview`);
    this.name = 'ChangedError';
  }
}

/**
 * Sends one change. It is conditional on the object's uid and resourceVersion; a dry run on the uid alone,
 * because it changes nothing and a node's version moves by itself. Errors: KubeError.
 */
export async function sendChange(
  api: KubeApi,
  change: Change,
  options: { readonly dryRun: boolean },
): Promise<unknown> {
  const query = { fieldManager: 'eyrie', ...(options.dryRun ? { dryRun: 'All' } : {}) };
  const { uid } = change.before?.metadata ?? {};
  const resourceVersion = options.dryRun ? undefined : change.before?.metadata.resourceVersion;
  if (change.verb === 'create') return await api.call('POST', change.path, { query, body: change.body });
  if (change.verb === 'delete') {
    // With a body the API server reads the options from there alone: in the query a dry run would delete.
    const dryRun = options.dryRun ? { dryRun: ['All'] } : {};
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid, resourceVersion },
      ...dryRun,
    };
    return await api.call('DELETE', change.path, { body });
  }
  const metadata = { ...(change.body?.metadata as object | undefined), uid, resourceVersion };
  const body = { ...change.body, metadata };
  return await api.call('PATCH', change.path, { query, body, contentType: 'application/merge-patch+json' });
}

/**
 * Applies changes in order. When a later one fails, objects made by earlier ones are deleted again, so
 * that a failed action leaves nothing behind. Errors: ChangedError, KubeError.
 */
export async function applyChanges(api: KubeApi, changes: readonly Change[]): Promise<void> {
  const made: Change[] = [];
  try {
    for (const change of changes) {
      await applyOne(api, change);
      if (change.verb === 'create') made.push(change);
    }
  } catch (err) {
    for (const change of made.toReversed()) {
      await api.call('DELETE', `${change.path}/${encodeURIComponent(change.name)}`).catch((undo: unknown) => {
        if (err instanceof Error)
          err.message += `; ${change.kind} ${change.name} could not be removed again: ${String(undo)}`;
      });
    }
    throw err;
  }
}

/** A status update between read and write moves the resourceVersion without touching what was shown. */
async function applyOne(api: KubeApi, change: Change): Promise<void> {
  let current = change;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await sendChange(api, current, { dryRun: false });
      return;
    } catch (err) {
      const conflict = err instanceof KubeError && err.status === 409 && change.before !== null;
      if (!conflict || attempt === CONFLICT_TRIES) throw err;
      await delay(CONFLICT_PAUSE_MS * 2 ** (attempt - 1));
      const found = await api.find(anyObjectSchema, change.path);
      if (found === undefined || !sameShown(change.before, found)) throw new ChangedError(change);
      current = { ...change, before: found };
    }
  }
}

function sameShown(before: AnyObject | null, found: AnyObject): boolean {
  const { apiVersion, kind } = before ?? {};
  const same = {
    ...found,
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(kind === undefined ? {} : { kind }),
  };
  return before?.metadata.uid === found.metadata.uid && toYaml(before) === toYaml(same);
}
