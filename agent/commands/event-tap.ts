import type { SyscallEvent } from '../../core/events/syscall.ts';

/** Hands every decoded event to whoever listens at the moment; costs nothing while nobody does. */
export class EventTap {
  readonly #listeners = new Set<(event: SyscallEvent) => void>();

  push(event: SyscallEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** The listener must not throw and must not keep the event, which goes on changing. Returns how to end. */
  subscribe(listener: (event: SyscallEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
