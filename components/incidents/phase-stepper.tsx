'use client';

import { Check } from 'lucide-react';
import { type IncidentDetail, PHASES, type Phase } from '../../core/wire/incidents.ts';
import { clockUtc } from '../ui/format.ts';
import { PHASE_LABEL } from './marks.tsx';

type Props = {
  readonly detail: IncidentDetail;
  readonly shown: Phase;
  readonly onShow: (phase: Phase) => void;
};

/** Six phases; a click shows the phase's checklist, moving is a button there. */
export function PhaseStepper({ detail, shown, onShow }: Props) {
  const current = PHASES.indexOf(detail.incident.phase);
  return (
    <ol className="stp" aria-label="Response phases">
      {PHASES.map((phase, index) => {
        const state = index < current ? 'done' : index === current ? 'now' : undefined;
        return (
          <li key={phase} className={state} aria-current={index === current ? 'step' : undefined}>
            <button
              type="button"
              className="stpb"
              aria-pressed={phase === shown}
              onClick={() => onShow(phase)}
            >
              <span className="n">
                {index < current ? <Check className="i sm" aria-hidden="true" /> : index + 1}
              </span>
              <span className="tx">
                <b>{PHASE_LABEL[phase]}</b>
                <br />
                <span className="me">{noteOf(detail, phase, index, current)}</span>
                <span className="vh">Show its checklist</span>
              </span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

function noteOf(detail: IncidentDetail, phase: Phase, index: number, current: number): string {
  if (index < current) {
    // A phase is done when the next one began.
    const next = detail.phaseHistory.findLast((one) => PHASES.indexOf(one.phase) > index);
    return next === undefined ? 'Done' : `Done ${clockUtc(next.at).slice(0, 5)}, ${next.by}`;
  }
  const items = detail.checklist.filter((item) => item.phase === phase);
  const done = items.filter((item) => item.done).length;
  return index > current && done === 0 ? 'Not started' : `${done} of ${items.length} done`;
}
