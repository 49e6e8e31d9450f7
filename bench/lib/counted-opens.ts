/** One number of the load `wl count`, as it arrived. */
export type Counted = { readonly timeMs: number; readonly number: number };
/** Times within which something may be missing; `count` when it is known how much. */
export type SeenGap = {
  readonly cause: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly count: number | undefined;
};
export type Account = {
  readonly sent: number;
  readonly received: number;
  readonly missing: number;
  /** Missing, and no gap lies where it is missing: this is what must not be. */
  readonly unexplained: number;
  /** Missing beyond what gaps count, where every gap counts. */
  readonly uncounted: number;
  /** Received more than once. */
  readonly doubled: number;
  readonly gaps: Readonly<Record<string, number>>;
};

/** Clocks of a gap and of the events beside it are read at different moments. */
const SLACK_MS = 1_500;

/**
 * Compares what `wl count` opened with what arrived. Each hole in the numbers lies between two arrived events;
 * it is explained when a gap meets that time. Units: milliseconds of wall-clock time.
 */
export function account(
  sent: number,
  times: { readonly fromMs: number; readonly toMs: number },
  counted: readonly Counted[],
  gaps: readonly SeenGap[],
): Account {
  const sorted = counted.toSorted((a, b) => a.number - b.number);
  let expected = 0;
  let lastMs = times.fromMs;
  let missing = 0;
  let unexplained = 0;
  let doubled = 0;
  const hole = (size: number, untilMs: number) => {
    missing += size;
    const isExplained = gaps.some(
      ({ startMs, endMs }) => startMs <= untilMs + SLACK_MS && endMs >= lastMs - SLACK_MS,
    );
    if (!isExplained) unexplained += size;
  };
  for (const { timeMs, number } of sorted) {
    if (number < expected) doubled += 1;
    if (number > expected) hole(number - expected, timeMs);
    expected = Math.max(expected, number + 1);
    lastMs = timeMs;
  }
  if (expected < sent) hole(sent - expected, times.toMs);
  const byCause: Record<string, number> = {};
  for (const { cause, count } of gaps) byCause[cause] = (byCause[cause] ?? 0) + (count ?? 0);
  const told = Object.values(byCause).reduce((sum, count) => sum + count, 0);
  const uncounted = gaps.every(({ count }) => count !== undefined) ? Math.max(0, missing - told) : 0;
  return { sent, received: counted.length, missing, unexplained, uncounted, doubled, gaps: byCause };
}
