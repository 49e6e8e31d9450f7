const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Steps that people read at a glance. */
const STEPS_MS = [
  SECOND,
  5 * SECOND,
  10 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
];

export type Bins = {
  readonly stepMs: number;
  /** Start of the first bin: a multiple of the step, at or before the range. */
  readonly startMs: number;
  readonly count: number;
};

/** Cuts a range into at most `countMax` bins of a round step, of at least `stepMinMs`. */
export function timeBins(
  range: { readonly from: string; readonly to: string },
  options: { readonly countMax: number; readonly stepMinMs?: number },
): Bins {
  const from = new Date(range.from).getTime();
  const to = new Date(range.to).getTime();
  const least = options.stepMinMs ?? SECOND;
  const fits = STEPS_MS.find((step) => step >= least && binCount(from, to, step) <= options.countMax);
  const stepMs = fits ?? Math.ceil((to - from) / (options.countMax - 1) / DAY) * DAY;
  return { stepMs, startMs: Math.floor(from / stepMs) * stepMs, count: binCount(from, to, stepMs) };
}

function binCount(from: number, to: number, step: number): number {
  return Math.max(1, Math.ceil(to / step) - Math.floor(from / step));
}
