import { PHASES, type Phase } from '../wire/incidents.ts';

export type IncidentState = { readonly status: 'open' | 'closed'; readonly phase: Phase };
export type StateChange = {
  readonly status?: 'open' | 'closed' | undefined;
  readonly phase?: Phase | undefined;
};
export type StateStep =
  | { readonly kind: 'phase'; readonly from: Phase; readonly to: Phase }
  | { readonly kind: 'closed' }
  | { readonly kind: 'opened' };

/**
 * What a change does to an incident. Phases move in both directions while it is open; a closed one
 * moves only after it is reopened, which the same change may ask for. Errors: `{ ok: false, message }`.
 */
export function changeState(
  state: IncidentState,
  change: StateChange,
):
  | { readonly ok: true; readonly state: IncidentState; readonly steps: readonly StateStep[] }
  | { readonly ok: false; readonly message: string } {
  const steps: StateStep[] = [];
  let { status, phase } = state;
  if (change.status === 'open' && status === 'closed') {
    status = 'open';
    steps.push({ kind: 'opened' });
  }
  if (change.phase !== undefined && change.phase !== phase) {
    if (status === 'closed') {
      return { ok: false, message: 'The incident is closed. Reopen it to change the phase.' };
    }
    steps.push({ kind: 'phase', from: phase, to: change.phase });
    phase = change.phase;
  }
  if (change.status === 'closed' && status === 'open') {
    status = 'closed';
    steps.push({ kind: 'closed' });
  }
  return { ok: true, state: { status, phase }, steps };
}

const PHASE_LABEL: Record<Phase, string> = {
  triage: 'Triage',
  contain: 'Contain',
  collect: 'Collect evidence',
  eradicate: 'Eradicate',
  recover: 'Recover',
  lessons: 'Lessons learned',
};

/** Phase name as shown to people. */
export function phaseLabel(phase: Phase): string {
  return PHASE_LABEL[phase];
}

/** Narrows stored text to a phase; unknown text counts as triage. */
export function toPhase(text: string): Phase {
  return PHASES.find((phase) => phase === text) ?? 'triage';
}
