const REFRESH_NS = 1_000_000_000n;

export type WallClock = {
  /** Wall clock minus CLOCK_MONOTONIC, measured at most once a second so that clock steps are followed. */
  readonly offsetNs: () => bigint;
  /** Wall-clock time of boot, for start times in /proc. */
  readonly bootNs: () => bigint;
};

/** Node's hrtime is CLOCK_MONOTONIC, the same clock the probe stamps records with. */
export function wallClock(): WallClock {
  let offset = 0n;
  let measuredAt = -REFRESH_NS;
  const offsetNs = () => {
    const now = process.hrtime.bigint();
    if (now - measuredAt >= REFRESH_NS) {
      measuredAt = now;
      offset = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1_000)) * 1_000n - now;
      const wall = BigInt(Date.now()) * 1_000_000n - now;
      // timeOrigin is fixed at start: it is finer than Date.now(), but blind to later clock steps.
      if (offset - wall > 10_000_000n || wall - offset > 10_000_000n) offset = wall;
    }
    return offset;
  };
  // Suspend time counts in /proc's start times and not here: a laptop's, not a node's, concern.
  return { offsetNs, bootNs: offsetNs };
}
