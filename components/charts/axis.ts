const MINUTE = 60_000;
const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080].map((n) => n * MINUTE);
const TICKS_MAX = 8;

/** Times of the bins that get a tick: round clock times, at most eight. */
export function roundTicks(times: readonly number[]): readonly number[] {
  const first = times[0];
  const last = times.at(-1);
  if (first === undefined || last === undefined) return [];
  const step = STEPS_MS.find((ms) => (last - first) / ms <= TICKS_MAX) ?? STEPS_MS.at(-1) ?? MINUTE;
  const round = times.filter((time) => time % step === 0);
  return round.length > 0 ? round : [first];
}

/** `21:10`, or `11-20` where the tick is a midnight of a longer range. */
export function tickLabel(time: number, spanMs: number): string {
  const iso = new Date(time).toISOString();
  const midnight = iso.slice(11, 16) === '00:00';
  return spanMs > 26 * 60 * MINUTE && midnight ? iso.slice(5, 10) : iso.slice(11, 16);
}

/** `5 min bars`, `1 h bars`. */
export function stepLabel(stepMs: number): string {
  if (stepMs % (1_440 * MINUTE) === 0) return `${stepMs / (1_440 * MINUTE)} d bars`;
  if (stepMs % (60 * MINUTE) === 0) return `${stepMs / (60 * MINUTE)} h bars`;
  if (stepMs % MINUTE === 0) return `${stepMs / MINUTE} min bars`;
  return `${stepMs / 1_000} s bars`;
}

/** `500`, `7,500`, `40k`, `12.5k`: short from five digits on. */
export const tickCount = (value: number): string =>
  value >= 10_000 ? `${value / 1_000}k` : value.toLocaleString('en-US');

/** Largest value of a nice axis and its ticks: 3–5 round numbers from zero. */
export function niceTicks(max: number): readonly number[] {
  const top = Math.max(1, max);
  const raw = top / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max(
    1,
    [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= raw && Number.isInteger(n)) ?? Math.ceil(raw),
  );
  const ticks = [];
  for (let tick = 0; tick < top + step; tick += step) ticks.push(tick);
  return ticks;
}
