export type ClockJump = { readonly beforeMs: number; readonly afterMs: number; readonly jumpMs: number };

const JUMP_MS_MIN = 2_000;

/**
 * Compares the wall clock with the monotonic one: a difference of over 2 s between two looks means that
 * somebody set the clock, or that the machine slept.
 */
export class ClockWatch {
  readonly #wallMs: () => number;
  readonly #monotonicMs: () => number;
  #last: { readonly wallMs: number; readonly monotonicMs: number };

  constructor(wallMs: () => number = Date.now, monotonicMs: () => number = () => performance.now()) {
    this.#wallMs = wallMs;
    this.#monotonicMs = monotonicMs;
    this.#last = { wallMs: wallMs(), monotonicMs: monotonicMs() };
  }

  check(): ClockJump | undefined {
    const now = { wallMs: this.#wallMs(), monotonicMs: this.#monotonicMs() };
    const expectedMs = this.#last.wallMs + (now.monotonicMs - this.#last.monotonicMs);
    this.#last = now;
    const jumpMs = now.wallMs - expectedMs;
    return Math.abs(jumpMs) < JUMP_MS_MIN ? undefined : { beforeMs: expectedMs, afterMs: now.wallMs, jumpMs };
  }
}
