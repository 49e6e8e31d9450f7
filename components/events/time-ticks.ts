const TICK_STEPS_MS = [
  1_000, 5_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000,
  14_400_000, 21_600_000, 43_200_000, 86_400_000,
];

/** Round clock times inside the axis, at most `most` of them. Units: ms since the epoch. */
export function clockTicks(fromMs: number, toMs: number, most: number): number[] {
  const fits = (step: number): boolean => (toMs - fromMs) / step <= most;
  const days = Math.ceil((toMs - fromMs) / 86_400_000 / most);
  const step = TICK_STEPS_MS.find(fits) ?? days * 86_400_000;
  const ticks: number[] = [];
  for (let at = Math.ceil(fromMs / step) * step; at <= toMs; at += step) ticks.push(at);
  return ticks;
}
