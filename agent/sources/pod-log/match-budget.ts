/**
 * Matching shares a thread with the kernel sensor's decoder: of each second it may have a tenth. A line
 * costs 0.1 to 1 ms where it holds the pattern's literal, and almost nothing where it does not.
 */
const BUDGET_MS = 100;

/** Time for rules, shared by the logs of all containers. */
export class MatchBudget {
  #secondMs = Number.NEGATIVE_INFINITY;
  #spentMs = 0;

  has(nowMs: number): boolean {
    if (nowMs - this.#secondMs >= 1_000) {
      this.#secondMs = nowMs;
      this.#spentMs = 0;
    }
    return this.#spentMs < BUDGET_MS;
  }

  spend(ms: number): void {
    this.#spentMs += ms;
  }
}
