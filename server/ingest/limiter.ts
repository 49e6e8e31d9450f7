/**
 * Bounds work that runs at the same time. Beyond `max` running, `max` more wait in order; further callers
 * are refused at once, so that load shows as "come back later" and not as memory.
 */
export class Limiter {
  readonly #max: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Runs `work` in its turn; undefined when there is no room to wait. */
  async run<T>(work: () => Promise<T>): Promise<{ readonly value: T } | undefined> {
    if (this.#running >= this.#max) {
      if (this.#waiting.length >= this.#max) return undefined;
      // The one that ends hands its place over, so `#running` stays as it is.
      await new Promise<void>((go) => this.#waiting.push(go));
    } else this.#running += 1;
    try {
      return { value: await work() };
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
