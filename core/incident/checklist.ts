import type { Phase } from '../wire/incidents.ts';

export type ChecklistItem = { readonly key: string; readonly phase: Phase; readonly label: string };

/** What each phase asks for. Keys are stored with incidents and never change their meaning. */
export const CHECKLIST: readonly ChecklistItem[] = [
  { key: 'triage.confirm', phase: 'triage', label: 'Confirm that the alert is a true positive' },
  {
    key: 'triage.scope',
    phase: 'triage',
    label: 'Name the affected pods, nodes, users and service accounts',
  },
  { key: 'triage.owner', phase: 'triage', label: 'Set an owner and tell the team that runs the workload' },
  { key: 'contain.cordon', phase: 'contain', label: 'Cordon the node' },
  { key: 'contain.isolate', phase: 'contain', label: 'Isolate the pod' },
  { key: 'contain.account', phase: 'contain', label: 'Revoke the service account token' },
  { key: 'contain.user', phase: 'contain', label: 'Block the user’s credentials' },
  { key: 'collect.logs', phase: 'collect', label: 'Keep the pod’s logs and YAML' },
  { key: 'collect.processes', phase: 'collect', label: 'Keep process tree, open files and connections' },
  { key: 'collect.timeline', phase: 'collect', label: 'Export the timeline' },
  { key: 'eradicate.cause', phase: 'eradicate', label: 'Find and fix the root cause' },
  {
    key: 'eradicate.credentials',
    phase: 'eradicate',
    label: 'Rotate every credential the attacker could read',
  },
  { key: 'eradicate.remove', phase: 'eradicate', label: 'Delete what the attacker left behind' },
  { key: 'recover.redeploy', phase: 'recover', label: 'Redeploy from a known good image' },
  { key: 'recover.undo', phase: 'recover', label: 'Release what was contained and is clean' },
  { key: 'recover.watch', phase: 'recover', label: 'Watch the workload for a day' },
  { key: 'lessons.review', phase: 'lessons', label: 'Hold the review and write down what happened' },
  { key: 'lessons.rules', phase: 'lessons', label: 'Add or tighten rules and policies' },
];
