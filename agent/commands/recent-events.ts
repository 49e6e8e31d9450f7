import type { EventRecord } from '../../core/events/event.ts';

/** 1,000 × about 2 KiB = 2 MiB. */
const EVENTS_MAX = 1_000;

/** The last events that the agent stored, for evidence. */
export class RecentEvents {
  readonly #ring: EventRecord[] = [];
  #next = 0;

  push(record: EventRecord): void {
    this.#ring[this.#next] = record;
    this.#next = (this.#next + 1) % EVENTS_MAX;
  }

  /** Oldest first. */
  ofPod(namespace: string, pod: string): EventRecord[] {
    const ordered = [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
    return ordered.filter((record) => record.namespace === namespace && record.pod === pod);
  }
}
