import type { EngineEvent } from '../events/syscall.ts';
import type { FilterNode } from '../filter/ast.ts';
import { printFilter } from '../filter/print.ts';

type Verdict = (event: EngineEvent) => boolean;

/** Counts the events that were looked at: a verdict is good for the event it was found for. */
export type EventClock = { now: number };

/** Wraps the parts that several conditions have in common, so that an event meets each of them once. */
export class SharedParts {
  readonly #clock: EventClock;
  readonly #uses = new Map<string, number>();
  readonly #wrapped = new Map<string, Verdict>();

  constructor(clock: EventClock, conditions: readonly FilterNode[]) {
    this.#clock = clock;
    for (const condition of conditions) this.#count(condition);
  }

  readonly wrap = (node: FilterNode, verdict: Verdict): Verdict => {
    if (node.kind === 'check') return verdict;
    const text = printFilter(node);
    if ((this.#uses.get(text) ?? 0) < 2) return verdict;
    const known = this.#wrapped.get(text) ?? once(this.#clock, verdict);
    this.#wrapped.set(text, known);
    return known;
  };

  #count(node: FilterNode): void {
    if (node.kind === 'check' || node.kind === 'macro') return;
    const text = printFilter(node);
    const uses = (this.#uses.get(text) ?? 0) + 1;
    this.#uses.set(text, uses);
    // What a shared part consists of is met through it.
    if (uses > 1) return;
    if (node.kind === 'not') this.#count(node.child);
    else for (const child of node.children) this.#count(child);
  }
}

function once(clock: EventClock, verdict: Verdict): Verdict {
  let seen = -1;
  let last = false;
  return (event) => {
    if (seen !== clock.now) {
      last = verdict(event);
      seen = clock.now;
    }
    return last;
  };
}
