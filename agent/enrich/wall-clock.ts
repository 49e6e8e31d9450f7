const CHECK_NS = 1_000_000_000n;
/** Below this a difference is the coarseness of Date.now() or a pause between two reads, not a clock step. */
const STEP_NS = 20_000_000n;

export type WallClock = {
  /**
   * Wall clock minus CLOCK_MONOTONIC. It stays the same until the wall clock is stepped, so that events never
   * change their order; steps are looked for once a second.
   */
  readonly offsetNs: () => bigint;
  /** Wall-clock time of boot, for start times in /proc. */
  readonly bootNs: () => bigint;
};

/** Node's hrtime is CLOCK_MONOTONIC, the same clock the probe stamps records with. */
export function wallClock(): WallClock {
  // timeOrigin is finer than Date.now(), but fixed at start: good for the first offset, blind to steps.
  let offset = offsetBy(
    () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1_000)) * 1_000n,
  );
  let checkedAt = -CHECK_NS;
  const offsetNs = () => {
    const now = process.hrtime.bigint();
    if (now - checkedAt >= CHECK_NS) {
      checkedAt = now;
      const current = offsetBy(() => BigInt(Date.now()) * 1_000_000n);
      const difference = current - offset;
      if (difference > STEP_NS || difference < -STEP_NS) offset = current;
    }
    return offset;
  };
  // Suspend time counts in /proc's start times and not here: a laptop's, not a node's, concern.
  return { offsetNs, bootNs: offsetNs };
}

/** Of three readings the one that took least time: the process may be stopped between two clocks. */
function offsetBy(wallNs: () => bigint): bigint {
  let best = { took: 1n << 62n, offset: 0n };
  for (let i = 0; i < 3; i++) {
    const before = process.hrtime.bigint();
    const wall = wallNs();
    const took = process.hrtime.bigint() - before;
    if (took < best.took) best = { took, offset: wall - before - took / 2n };
  }
  return best.offset;
}
