import { AppError } from '../errors.ts';

/**
 * Counts attempts per key in fixed windows, in this process: with N replicas an attacker has N times the
 * attempts. At most `keysMax` keys are kept; the oldest goes first (10,000 keys ≈ 1 MB).
 */
export class RateLimiter {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #keysMax: number;
  readonly #now: () => number;
  readonly #counts = new Map<string, { since: number; count: number }>();

  constructor(options: {
    readonly limit: number;
    readonly windowMs: number;
    readonly keysMax?: number;
    readonly now?: () => number;
  }) {
    this.#limit = options.limit;
    this.#windowMs = options.windowMs;
    this.#keysMax = options.keysMax ?? 10_000;
    this.#now = options.now ?? Date.now;
  }

  /** Counts one attempt under each key. Errors: rate_limited when any of them is used up. */
  take(keys: readonly string[]): void {
    const now = this.#now();
    for (const key of keys) {
      const entry = this.#counts.get(key);
      const fresh = entry === undefined || now - entry.since >= this.#windowMs;
      const next = fresh ? { since: now, count: 1 } : { since: entry.since, count: entry.count + 1 };
      if (next.count > this.#limit) {
        const waitS = Math.ceil((next.since + this.#windowMs - now) / 1_000);
        throw new AppError('rate_limited', `Too many attempts. Try again in ${waitS} s.`, {
          reason: 'attempts',
        });
      }
      this.#counts.delete(key);
      this.#counts.set(key, next);
    }
    for (const oldest of this.#counts.keys()) {
      if (this.#counts.size <= this.#keysMax) break;
      this.#counts.delete(oldest);
    }
  }

  /** Forgets a key: the attempt was a success. */
  clear(key: string): void {
    this.#counts.delete(key);
  }
}

const WINDOW_MS = 15 * 60_000;
/** Per account and address; an account under attack from elsewhere still lets its owner in. */
export const loginLimits = new RateLimiter({ limit: 10, windowMs: WINDOW_MS });
/** Per account from everywhere, and per address over all accounts: addresses can be forged behind no proxy. */
export const loginWideLimits = new RateLimiter({ limit: 100, windowMs: WINDOW_MS });
export const setupLimits = new RateLimiter({ limit: 20, windowMs: WINDOW_MS });
