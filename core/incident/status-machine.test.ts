import { describe, expect, it } from 'vitest';
import { PHASES } from '../wire/incidents.ts';
import { CHECKLIST } from './checklist.ts';
import { changeState } from './status-machine.ts';

describe('changeState', () => {
  it('moves the phase in both directions while open', () => {
    const forward = changeState({ status: 'open', phase: 'triage' }, { phase: 'recover' });
    expect(forward).toMatchObject({ ok: true, state: { phase: 'recover' }, steps: [{ kind: 'phase' }] });
    const back = changeState({ status: 'open', phase: 'recover' }, { phase: 'contain' });
    expect(back).toMatchObject({ ok: true, state: { phase: 'contain' } });
  });

  it('refuses a phase on a closed incident, and takes it together with the reopening', () => {
    const closed = { status: 'closed', phase: 'lessons' } as const;
    expect(changeState(closed, { phase: 'triage' }).ok).toBe(false);
    const both = changeState(closed, { phase: 'triage', status: 'open' });
    expect(both.ok && both.steps.map((step) => step.kind)).toEqual(['opened', 'phase']);
  });

  it('takes a phase together with the closing, in that order', () => {
    const both = changeState({ status: 'open', phase: 'recover' }, { phase: 'lessons', status: 'closed' });
    expect(both.ok && both.steps.map((step) => step.kind)).toEqual(['phase', 'closed']);
  });

  it('makes no step of what is already so', () => {
    const same = changeState({ status: 'open', phase: 'contain' }, { phase: 'contain', status: 'open' });
    expect(same).toMatchObject({ ok: true, steps: [] });
  });
});

describe('CHECKLIST', () => {
  it('has unique keys and at least one item for each phase', () => {
    expect(new Set(CHECKLIST.map((item) => item.key)).size).toBe(CHECKLIST.length);
    for (const phase of PHASES) expect(CHECKLIST.some((item) => item.phase === phase)).toBe(true);
  });
});
