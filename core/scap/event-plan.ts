import type { CaptureOptions, Interest } from './capture-options.ts';
import {
  type EventDef,
  eventDefs,
  LARGE_PAYLOAD,
  MODIFIES_STATE,
  SKIPS_PARSER,
  USES_FD,
} from './event-defs.ts';
import { conversions } from './exit-only-table.ts';
import { type Handler, stateHandlers } from './state-handlers.ts';
import { META_HANDLERS, type MetaHandler } from './state-meta.ts';
import { CLONE_EXITS } from './state-processes.ts';

const SWITCH = 152;
/** Events of calls that have no type of their own tell which by a parameter. */
const GENERIC_X = 1;

/** How an event's thread is found and changed. */
export const COMMON = 0;
export const META = 1;
export const CLONE = 2;
export const SWITCHES = 3;

/** All that the reader asks about an event type, worked out before the first event. */
export type EventPlan = {
  readonly def: EventDef;
  readonly kind: number;
  readonly handler: Handler | undefined;
  readonly meta: MetaHandler | undefined;
  readonly isEnter: boolean;
  /** Enter event of an exit event. */
  readonly enterId: number;
  readonly usesFd: boolean;
  /** Lengths of parameters have four bytes. */
  readonly large: boolean;
  /** Nobody sees such events: internal ones, and enter events whose parameters their exit events carry. */
  readonly hidden: boolean;
  readonly interest: Interest;
  /** Nobody sees such events and they change no more than what their thread did last. */
  readonly inert: boolean;
  /** What the thread did last is forgotten when a filter refuses the event. */
  readonly forgetsType: boolean;
};

/** Plans by event type. */
export function eventPlans(options: CaptureOptions): readonly (EventPlan | undefined)[] {
  const { exitOnly = false, threadsOnly = false, showInternal = false, interest } = options;
  const defs = eventDefs(exitOnly);
  const handlers = stateHandlers(exitOnly, threadsOnly);
  const plans = defs.map((def): EventPlan | undefined => {
    if (def === undefined) return undefined;
    const { id, flags, dir } = def;
    const meta = META_HANDLERS.get(id);
    return {
      def,
      kind:
        (flags & SKIPS_PARSER) !== 0 || meta !== undefined
          ? META
          : CLONE_EXITS.has(id)
            ? CLONE
            : id === SWITCH
              ? SWITCHES
              : COMMON,
      handler: handlers[id],
      meta,
      isEnter: dir === '>',
      enterId: id - 1,
      usesFd: (flags & USES_FD) !== 0,
      large: (flags & LARGE_PAYLOAD) !== 0,
      hidden:
        (def.category === 'internal' && !showInternal) ||
        (exitOnly && dir === '>' && hasExit(def, defs[id + 1])),
      interest: id <= GENERIC_X ? 'wanted' : (interest?.(def) ?? 'wanted'),
      inert: false,
      forgetsType: (flags & (MODIFIES_STATE | SKIPS_PARSER)) === 0 && id !== SWITCH,
    };
  });
  const targets = exitOnly ? conversions() : [];
  const becomes = (id: number) => plans[targets[id]?.to ?? id];
  return plans.map((plan) => {
    if (plan === undefined || !isInert(becomes(plan.def.id)) || plan.kind !== COMMON) return plan;
    // An enter event is kept for its exit, unless that needs nothing either.
    if (exitOnly && plan.isEnter && !isInert(becomes(plan.def.id + 1))) return plan;
    return { ...plan, inert: true };
  });
}

const isInert = (plan: EventPlan | undefined): boolean =>
  plan?.kind === COMMON && plan.handler === undefined && (plan.hidden || plan.interest !== 'wanted');

/** Exit events follow their enter events in the table; procexit, switch and their like have none. */
function hasExit(def: EventDef, next: EventDef | undefined): boolean {
  return next?.dir === '<' && next.name === def.name;
}
