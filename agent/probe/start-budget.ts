const BURST = 3;
const REFILL_MS = 10_000;
const BACKOFF_MS_MAX = 300_000;

/** How often a probe may be started: three at once, then one in ten seconds; less while they fail. */
export class StartBudget {
  #starts = BURST;
  #refilledMs: number;
  #failures = 0;
  #blockedUntilMs = 0;

  constructor(nowMs: number) {
    this.#refilledMs = nowMs;
  }

  /** Takes one start and returns 0, or returns how long to wait for it. */
  take(nowMs: number): number {
    const refills = Math.floor((nowMs - this.#refilledMs) / REFILL_MS);
    this.#starts = Math.min(BURST, this.#starts + refills);
    this.#refilledMs = this.#starts === BURST ? nowMs : this.#refilledMs + refills * REFILL_MS;
    const waitMs = Math.max(
      this.#blockedUntilMs - nowMs,
      this.#starts > 0 ? 0 : this.#refilledMs + REFILL_MS - nowMs,
    );
    if (waitMs > 0) return waitMs;
    this.#starts -= 1;
    return 0;
  }

  /** A probe ended with an error: the next one has to wait, twice as long each time. */
  failed(nowMs: number): void {
    this.#blockedUntilMs = nowMs + Math.min(BACKOFF_MS_MAX, 1_000 * 2 ** Math.min(this.#failures, 20));
    this.#failures += 1;
  }

  /** A probe ended in order. */
  succeeded(): void {
    this.#failures = 0;
  }
}
