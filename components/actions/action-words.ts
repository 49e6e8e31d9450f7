import type { ActionKind, ActionRow, ActionTarget } from '../../core/wire/actions.ts';
import { targetName } from './action-url.ts';

export const ACTION_WORDS: Record<
  ActionKind,
  { readonly title: string; readonly done: string; readonly brief: string }
> = {
  cordon: { title: 'Cordon node', done: 'cordoned', brief: 'No new pods are scheduled there' },
  uncordon: { title: 'Uncordon node', done: 'uncordoned', brief: 'Pods can be scheduled there again' },
  quarantine: { title: 'Quarantine pod', done: 'quarantined', brief: 'Blocks all traffic, keeps evidence' },
  release: { title: 'Release pod', done: 'released', brief: 'Removes the isolation' },
};

/** `payments/checkout-api-x2k4q quarantined`. */
export const doneText = (action: ActionKind, target: ActionTarget): string =>
  `${targetName(target)} ${ACTION_WORDS[action].done}`;

/** State of an action in words; the proof of a quarantine is part of it. */
export function statusText(row: ActionRow): string {
  if (row.status === 'running') return 'Running';
  if (row.status === 'failed') return 'Failed';
  if (row.status === 'undone') return 'Undone';
  if (row.proof === 'enforced') return 'Enforced';
  if (row.proof === 'unproven') return 'Applied, unproven';
  return row.status === 'verified' ? 'Verified' : 'Applied';
}
