import type { KernelFacts } from './prefilter-facts.ts';
import { PATHS, type PathSet } from './prefilter-path.ts';
import {
  COMM,
  type Comm,
  FLAGS,
  FLAGS_CLEAR,
  NUMBERS,
  type Ops,
  type Range,
  TEXTS,
} from './prefilter-set.ts';

/**
 * One way in which an event can be wanted: every member that is present must hold. A member passes when the
 * kernel does not know its fact. Plain data, so that it can be stored and sent.
 */
export type Term = {
  /** The event's process is, or may be, in a container. */
  readonly container?: true;
  /** Each of the path sets holds the path. */
  readonly path?: readonly PathSet[];
  /** Of each mask the open flags have at least one bit. */
  readonly flags?: readonly number[];
  /** The open flags have none of these bits. */
  readonly flagsClear?: number;
  readonly res?: readonly Range[];
  readonly uid?: readonly Range[];
  readonly comm?: Comm;
  readonly serverPort?: readonly Range[];
  readonly clientPort?: readonly Range[];
  readonly fdType?: readonly string[];
};

/** Any of the terms: none = no event is wanted, an empty term = every event is. */
export type Terms = readonly Term[];

export const EVERYTHING: Terms = [{}];
export const NOTHING: Terms = [];

/** Most terms of one event type; beyond that they are widened until they fit. */
export const TERMS_MAX = 16;
const PRODUCT_MAX = 256;

const CONTAINER: Ops<true, boolean> = {
  and: () => true,
  or: () => true,
  within: () => true,
  holds: (_, fact) => fact,
};

const OPS: { readonly [K in keyof Term]-?: Ops<NonNullable<Term[K]>, never> } = {
  container: CONTAINER,
  path: PATHS,
  flags: FLAGS,
  flagsClear: FLAGS_CLEAR,
  res: NUMBERS,
  uid: NUMBERS,
  comm: COMM,
  serverPort: NUMBERS,
  clientPort: NUMBERS,
  fdType: TEXTS,
};
const FACT: { readonly [K in keyof Term]-?: keyof KernelFacts } = {
  container: 'container',
  path: 'path',
  flags: 'flags',
  flagsClear: 'flags',
  res: 'res',
  uid: 'uid',
  comm: 'comm',
  serverPort: 'serverPort',
  clientPort: 'clientPort',
  fdType: 'fdType',
};
type Key = keyof Term;
type AnyOps = Ops<unknown, unknown>;
const KEYS = Object.keys(OPS) as Key[];
const ops = (key: Key): AnyOps => OPS[key] as AnyOps;

/** Whether an event with these facts may be wanted. */
export function accepts(terms: Terms, facts: KernelFacts): boolean {
  return terms.some((term) =>
    KEYS.every((key) => {
      const wanted = term[key];
      const fact = facts[FACT[key]];
      return wanted === undefined || fact === undefined || ops(key).holds(wanted, fact);
    }),
  );
}

/** Events that both sides want, or a few more. */
export function both(a: Terms, b: Terms): Terms {
  const wide = a.length * b.length > PRODUCT_MAX;
  const left = wide && a.length >= b.length ? hull(a) : a;
  const right = wide && a.length < b.length ? hull(b) : b;
  return tidy(left.flatMap((x) => right.map((y) => meet(x, y))));
}

/** Events that one side wants, or a few more. */
export function either(a: Terms, b: Terms): Terms {
  return tidy([...a, ...b]);
}

function meet(a: Term, b: Term): Term {
  const result: Partial<Record<Key, unknown>> = { ...a };
  for (const key of KEYS) {
    const x = a[key];
    const y = b[key];
    if (y === undefined) continue;
    result[key] = x === undefined ? y : ops(key).and(x, y);
  }
  return result as Term;
}

/** Wants what either term wants: conditions on a fact that only one of them reads are lost. */
function join(a: Term, b: Term): Term {
  const result: Partial<Record<Key, unknown>> = {};
  for (const key of KEYS) {
    const x = a[key];
    const y = b[key];
    const value = x === undefined || y === undefined ? undefined : ops(key).or(x, y);
    if (value !== undefined) result[key] = value;
  }
  return result as Term;
}

function within(a: Term, b: Term): boolean {
  return KEYS.every((key) => {
    const y = b[key];
    return y === undefined || (a[key] !== undefined && ops(key).within(a[key], y));
  });
}

function hull(terms: Terms): Terms {
  const [first, ...rest] = terms;
  return first === undefined ? NOTHING : [rest.reduce(join, first)];
}

/** Drops terms inside others, unites those that differ in one condition, and keeps the limit. */
function tidy(terms: Terms): Terms {
  const kept: Term[] = [];
  for (const term of terms) add(kept, term);
  if (kept.length <= TERMS_MAX) return kept;
  const groups = Map.groupBy(kept, (term) => KEYS.filter((key) => term[key] !== undefined).join());
  const merged = [...groups.values()].flatMap(hull);
  return merged.length <= TERMS_MAX ? merged : hull(merged);
}

function add(kept: Term[], term: Term): void {
  if (kept.some((other) => within(term, other))) return;
  for (let i = kept.length - 1; i >= 0; i--) {
    const other = kept[i];
    if (other && within(other, term)) kept.splice(i, 1);
  }
  const partner = kept.findIndex((other) => differInOne(term, other));
  const other = kept[partner];
  if (other === undefined) {
    kept.push(term);
    return;
  }
  kept.splice(partner, 1);
  add(kept, join(term, other));
}

/** Whether joining two terms loses nothing: equal but for one condition that unites exactly. */
function differInOne(a: Term, b: Term): boolean {
  let differing = 0;
  for (const key of KEYS) {
    const x = a[key];
    const y = b[key];
    if (x === undefined && y === undefined) continue;
    if (x === undefined || y === undefined) return false;
    if (ops(key).within(x, y) && ops(key).within(y, x)) continue;
    if (++differing > 1 || !ops(key).isExact?.(x, y)) return false;
  }
  return differing === 1;
}
