import type { ContainerInfo, SyscallEvent } from '../../core/events/syscall.ts';

/** 10,000 events × about 2 KiB = 20 MiB. */
const HELD_MAX = 10_000;

/**
 * Lets events pass in order, except that those of a container whose metadata is being looked up wait for
 * it; order within a container never changes. The registry's time limit ends every wait.
 */
export class HoldQueue {
  readonly #deliver: (event: SyscallEvent) => void;
  readonly #held = new Map<ContainerInfo, SyscallEvent[]>();
  #count = 0;
  readonly counters = { held_events: 0, hold_overflow: 0 };

  constructor(deliver: (event: SyscallEvent) => void) {
    this.#deliver = deliver;
  }

  push(event: SyscallEvent): void {
    const container = event.thread?.container;
    if (container?.state !== 'pending') {
      this.#deliver(event);
      return;
    }
    if (this.#count >= HELD_MAX) {
      this.counters.hold_overflow++;
      this.release(container);
      this.#deliver(event);
      return;
    }
    // The process goes on changing while the event waits, so the event keeps what was true.
    const { thread } = event;
    if (thread !== undefined) event.thread = { ...thread, memo: undefined };
    const waiting = this.#held.get(container);
    if (waiting === undefined) this.#held.set(container, [event]);
    else waiting.push(event);
    this.#count++;
    this.counters.held_events++;
  }

  /** Delivers what waits for this container: its lookup ended, one way or the other. */
  release(container: ContainerInfo): void {
    const waiting = this.#held.get(container);
    if (waiting === undefined) return;
    this.#held.delete(container);
    this.#count -= waiting.length;
    for (const event of waiting) this.#deliver(event);
  }

  releaseAll(): void {
    for (const container of [...this.#held.keys()]) this.release(container);
  }
}
