export type BackoffOptions = {
  readonly baseMs: number;
  readonly maxMs: number;
  readonly random: () => number;
};

/** Waiting times that double from `baseMs` to `maxMs`, each cut by up to half at random, so that agents spread. */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  nextMs(): number {
    const { baseMs, maxMs, random } = this.#options;
    const fullMs = Math.min(maxMs, baseMs * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    return fullMs * (0.5 + random() / 2);
  }

  reset(): void {
    this.#failures = 0;
  }
}
