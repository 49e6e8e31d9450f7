import type { Pool } from 'pg';
import { dayOf, ensurePartitions } from '../jobs/partitions.ts';
import type { EventRow } from './copy-text.ts';

const byPool = new WeakMap<Pool, KnownPartitions>();

/** The days of which this process knows that a partition exists, one memory per database. */
export function knownPartitions(pool: Pool): KnownPartitions {
  const known = byPool.get(pool) ?? new KnownPartitions(pool);
  byPool.set(pool, known);
  return known;
}

class KnownPartitions {
  readonly #pool: Pool;
  #days = new Set<number>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async ensure(rows: readonly EventRow[]): Promise<void> {
    const missing = new Set<number>();
    for (const { timeMs } of rows) {
      const day = dayOf(timeMs);
      if (!this.#days.has(day)) missing.add(day);
    }
    if (missing.size === 0) return;
    await ensurePartitions(this.#pool, missing);
    for (const day of missing) this.#days.add(day);
  }

  forget(): void {
    this.#days = new Set();
  }
}
