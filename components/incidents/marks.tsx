import {
  Box,
  Boxes,
  Check,
  CircleCheck,
  Globe,
  KeyRound,
  type LucideIcon,
  Server,
  Shield,
  Siren,
  StickyNote,
  User,
} from 'lucide-react';
import type { TimelineEntry } from '../../core/wire/incidents.ts';
import { PHASES, type Phase } from '../../core/wire/incidents.ts';

const ENTITY_ICON: Readonly<Record<string, LucideIcon>> = {
  pod: Box,
  workload: Boxes,
  node: Server,
  user: User,
  serviceaccount: KeyRound,
  ip: Globe,
  response: Shield,
};
const ENTRY_ICON: Readonly<Partial<Record<TimelineEntry['kind'], LucideIcon>>> = {
  action: Shield,
  note: StickyNote,
  phase: Check,
  opened: Siren,
  closed: CircleCheck,
  owner: User,
};

export function EntityIcon({ kind }: { readonly kind: string }) {
  const Icon = ENTITY_ICON[kind] ?? Box;
  return <Icon className="i" aria-hidden="true" />;
}

export function EntryIcon({ kind }: { readonly kind: TimelineEntry['kind'] }) {
  const Icon = ENTRY_ICON[kind] ?? Shield;
  return <Icon className="i" aria-hidden="true" />;
}

export const PHASE_LABEL: Record<Phase, string> = {
  triage: 'Triage',
  contain: 'Contain',
  collect: 'Collect evidence',
  eradicate: 'Eradicate',
  recover: 'Recover',
  lessons: 'Lessons learned',
};

/** Six dashes, filled up to the phase. */
export function PhaseDots({ phase }: { readonly phase: Phase }) {
  const at = PHASES.indexOf(phase);
  return (
    <span
      className="steps"
      role="img"
      aria-label={`Phase ${at + 1} of ${PHASES.length}, ${PHASE_LABEL[phase]}`}
    >
      {PHASES.map((one, index) => (
        <i key={one} className={index < at ? 'on' : index === at ? 'now' : undefined} />
      ))}
    </span>
  );
}
