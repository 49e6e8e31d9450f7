/** Source: docs/kpis.md, resource exhaustion. Left again ten points lower, so that a value at the edge is one event. */
export const LIMITS = {
  memory_high: { enter: 0.95, leave: 0.85 },
  cpu_throttled: { enter: 0.5, leave: 0.4 },
  pids_high: { enter: 0.9, leave: 0.8 },
  disk_full: { enter: 0.9, leave: 0.85 },
  inodes_full: { enter: 0.9, leave: 0.85 },
} as const;
export type Watched = keyof typeof LIMITS;

/** A value that swings across both marks is told once in this time. */
const PAUSE_MS = 60_000;

type Mark = { isOver: boolean; toldMs: number };

/** Says when a value crosses its limit, and when it is well below again. */
export class Watermarks {
  readonly #marks = new Map<string, Mark>();

  update(what: Watched, subject: string, value: number, nowMs: number): 'entered' | 'left' | undefined {
    const key = `${what} ${subject}`;
    const { enter, leave } = LIMITS[what];
    const mark = this.#marks.get(key);
    if (mark?.isOver !== true) {
      if (value < enter) return undefined;
      if (mark !== undefined && nowMs - mark.toldMs < PAUSE_MS) return undefined;
      this.#marks.set(key, { isOver: true, toldMs: nowMs });
      return 'entered';
    }
    if (value >= leave) return undefined;
    mark.isOver = false;
    return 'left';
  }

  /** Forgets the subjects that are gone. */
  keep(subjects: ReadonlySet<string>): void {
    for (const key of this.#marks.keys()) {
      if (!subjects.has(key.slice(key.indexOf(' ') + 1))) this.#marks.delete(key);
    }
  }
}
