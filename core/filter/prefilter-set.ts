/** Inclusive; the ends of ALL_NUMBERS stand for "no limit". */
export type Range = readonly [min: number, max: number];
/** A set of thread names, or everything but a set. */
export type Comm = { readonly in: readonly string[] } | { readonly notIn: readonly string[] };

/** Algebra of the conditions on one fact. */
export type Ops<T, F> = {
  /** Both hold, or a little wider. What no fact satisfies still passes where the fact is not known. */
  readonly and: (a: T, b: T) => T;
  /** One of them holds, or a little wider. undefined: every fact passes. */
  readonly or: (a: T, b: T) => T | undefined;
  /** Whether what satisfies `a` satisfies `b`. False may be wrong. */
  readonly within: (a: T, b: T) => boolean;
  /** Whether `or` of the two is no wider than both together. */
  readonly isExact?: (a: T, b: T) => boolean;
  readonly holds: (wanted: T, fact: F) => boolean;
};

const LAST = Number.MAX_SAFE_INTEGER;
export const ALL_NUMBERS: readonly Range[] = [[-LAST, LAST]];
/** Most ranges, names or flag masks of one condition. */
export const MEMBERS_MAX = 64;

export function complement(ranges: readonly Range[]): readonly Range[] {
  const gaps: Range[] = [];
  let from = -LAST;
  for (const [min, max] of ranges) {
    if (min > from) gaps.push([from, min - 1]);
    from = max + 1;
  }
  if (from <= LAST) gaps.push([from, LAST]);
  return gaps;
}

/** Sorted ranges without overlap. */
export function union(ranges: readonly Range[]): readonly Range[] {
  const merged: [number, number][] = [];
  for (const [min, max] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && min <= last[1] + 1) last[1] = Math.max(last[1], max);
    else merged.push([min, max]);
  }
  return merged;
}

function intersection(a: readonly Range[], b: readonly Range[]): readonly Range[] {
  return a.flatMap(([min, max]) =>
    b.flatMap(([low, high]): Range[] =>
      Math.max(min, low) <= Math.min(max, high) ? [[Math.max(min, low), Math.min(max, high)]] : [],
    ),
  );
}

const covers = (ranges: readonly Range[], n: number): boolean =>
  ranges.some(([min, max]) => n >= min && n <= max);

export const NUMBERS: Ops<readonly Range[], number> = {
  and: (a, b) => {
    const ranges = intersection(a, b);
    return ranges.length > MEMBERS_MAX ? a : ranges;
  },
  or: (a, b) => {
    const ranges = union([...a, ...b]);
    return ranges.length > MEMBERS_MAX || complement(ranges).length === 0 ? undefined : ranges;
  },
  within: (a, b) => a.every(([min, max]) => b.some(([low, high]) => min >= low && max <= high)),
  isExact: () => true,
  holds: covers,
};

export const TEXTS: Ops<readonly string[], string> = {
  and: (a, b) => a.filter((text) => b.includes(text)),
  or: (a, b) => limited([...new Set([...a, ...b])]),
  within: (a, b) => a.every((text) => b.includes(text)),
  isExact: () => true,
  holds: (wanted, fact) => wanted.includes(fact),
};

function limited<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length <= MEMBERS_MAX ? items : undefined;
}

export const COMM: Ops<Comm, string> = {
  and: (a, b) => {
    if ('in' in a) return { in: a.in.filter((name) => COMM.holds(b, name)) };
    if ('in' in b) return COMM.and(b, a);
    // Names beyond the limit are let through.
    return { notIn: [...new Set([...a.notIn, ...b.notIn])].slice(0, MEMBERS_MAX) };
  },
  or: (a, b) => {
    if ('notIn' in a) {
      const names = a.notIn.filter((name) => !COMM.holds(b, name));
      return names.length > 0 ? { notIn: names } : undefined;
    }
    if ('notIn' in b) return COMM.or(b, a);
    const names = limited([...new Set([...a.in, ...b.in])]);
    return names && { in: names };
  },
  within: (a, b) => {
    if ('in' in a) return a.in.every((name) => COMM.holds(b, name));
    return 'notIn' in b && b.notIn.every((name) => a.notIn.includes(name));
  },
  isExact: () => true,
  holds: (wanted, fact) => ('in' in wanted ? wanted.in.includes(fact) : !wanted.notIn.includes(fact)),
};

/** Masks that must all be met; of two such lists the narrowest mask of each makes the common one. */
export const FLAGS: Ops<readonly number[], number> = {
  and: (a, b) => [...new Set([...a, ...b])].slice(0, MEMBERS_MAX),
  or: (a, b) => (FLAGS.within(a, b) ? b : FLAGS.within(b, a) ? a : [narrowest(a) | narrowest(b)]),
  within: (a, b) => b.every((mask) => a.some((other) => (other & mask) === other)),
  isExact: (a, b) => a.length === 1 && b.length === 1,
  holds: (wanted, fact) => wanted.every((mask) => (fact & mask) !== 0),
};

function narrowest(masks: readonly number[]): number {
  const bits = (mask: number): number => mask.toString(2).replaceAll('0', '').length;
  return masks.reduce((a, b) => (bits(b) < bits(a) ? b : a));
}

export const FLAGS_CLEAR: Ops<number, number> = {
  and: (a, b) => a | b,
  or: (a, b) => a & b || undefined,
  within: (a, b) => (a & b) === b,
  holds: (wanted, fact) => (fact & wanted) === 0,
};
