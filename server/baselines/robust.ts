/** Median and MAD of the counts of minutes; `minutes` is how many counts they come from. */
export type Rate = { readonly minutes: number; readonly median: number; readonly mad: number };

/** MAD × this estimates the standard deviation where values are normally distributed. */
const MAD_TO_SD = 1.4826;
/** A workload has 10,080 minutes a week, and counts have long tails: 3 deviations would cry every day. */
const DEVIATIONS = 6;
/** Fewer connections than this in a minute are no spike, whatever is normal: new destinations tell more then. */
export const SPIKE_MIN = 20;

/** Median and MAD of a histogram: value → how many minutes had it. */
export function rateOf(histogram: ReadonlyMap<number, number>): Rate {
  const median = weightedMedian(histogram);
  const distances = new Map<number, number>();
  let minutes = 0;
  for (const [value, times] of histogram) {
    const distance = Math.abs(value - median);
    distances.set(distance, (distances.get(distance) ?? 0) + times);
    minutes += times;
  }
  return { minutes, median, mad: weightedMedian(distances) };
}

/**
 * More connections in a minute than this are a spike. Counts vary by at least the root of their mean: a MAD
 * of 0 says only that most minutes are equal.
 */
export function spikeThreshold({ median, mad }: Omit<Rate, 'minutes'>): number {
  const deviation = Math.max(MAD_TO_SD * mad, Math.sqrt(median), 1);
  return Math.max(SPIKE_MIN, median + DEVIATIONS * deviation);
}

/** The middle value, or the mean of the two in the middle; 0 of nothing. */
function weightedMedian(histogram: ReadonlyMap<number, number>): number {
  const sorted = [...histogram].sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, times]) => sum + times, 0);
  const at = (place: number) => {
    let passed = 0;
    for (const [value, times] of sorted) {
      passed += times;
      if (passed > place) return value;
    }
    return 0;
  };
  return total === 0 ? 0 : (at(Math.ceil(total / 2) - 1) + at(Math.floor(total / 2))) / 2;
}
