import type { PodState } from '../../core/wire/cluster.ts';
import { Tag } from '../ui/chip.tsx';

const PROOF = {
  enforced: { text: 'quarantined, enforced', title: 'Traffic was seen to stop after the policy was applied' },
  unproven: {
    text: 'quarantined, unproven',
    title: 'The policy is applied; that traffic stops has not been observed. Open connections may outlive it',
  },
} as const;

/** State of a pod's isolation; nothing for a pod that is not isolated. */
export function QuarantineBadge({ state }: { readonly state: PodState | undefined }) {
  if (state?.quarantine == null) return null;
  const { text, title } = PROOF[state.quarantine.proof];
  return <Tag title={title}>{text}</Tag>;
}
