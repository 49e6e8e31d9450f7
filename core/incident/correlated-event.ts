import type { Category, Outcome, Source } from '../events/event.ts';

/** What correlation and titles read of a stored event. */
export type CorrelatedEvent = {
  readonly id: string;
  readonly time: Date;
  readonly source: Source;
  readonly type: string;
  readonly categories: readonly Category[];
  readonly outcome: Outcome;
  readonly priority: number;
  readonly rule: string | null;
  readonly summary: string;
  readonly node: string | null;
  readonly namespace: string | null;
  readonly pod: string | null;
  readonly workload: string | null;
  readonly serviceAccount: string | null;
  readonly user: string | null;
  readonly process: string | null;
  readonly peer: string | null;
  readonly object: string | null;
};

/** Alerts of this priority or more severe open an incident; weaker ones only join one. Warning. */
export const OPENING_PRIORITY = 4;

/** An incident takes events up to this long after its latest one, and this long before its first. */
export const WINDOW_MS = 30 * 60_000;

/** Categories whose events join an open incident of the same entity though no rule matched. */
export const JOINING_CATEGORIES: readonly Category[] = [
  'auth_failure',
  'rbac_denial',
  'admission_denial',
  'psa_violation',
  'secret_read',
  'exec',
  'attach',
  'port_forward',
  'rbac_change',
  'delete',
  'anomalous_connection',
];

/** True for an event that opens an incident when none takes it. */
export function opensIncident(event: CorrelatedEvent): boolean {
  return event.rule !== null && event.priority <= OPENING_PRIORITY;
}

/** True for an event that belongs into an incident of its entities. */
export function joinsIncident(event: CorrelatedEvent): boolean {
  return event.rule !== null || event.categories.some((category) => JOINING_CATEGORIES.includes(category));
}
