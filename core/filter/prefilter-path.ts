import { isPlainPath, NOT_PLAIN } from './prefilter-facts.ts';
import type { Ops } from './prefilter-set.ts';
import { utf8, utf8Length } from './text.ts';

/**
 * Holds a path that equals one of `exact`, begins with one of `prefix` or ends with one of `suffix`. Only
 * plain paths are asked, so texts that are in none are left out, and a set may be empty.
 */
export type PathSet = {
  readonly exact: readonly string[];
  readonly prefix: readonly string[];
  readonly suffix: readonly string[];
};

/** Longest text of a path set; what is longer is cut, which widens it. As in the probe's prefix table. */
export const PATH_BYTES_MAX = 127;
/** Most texts of one path set. As the probe's prefix table. */
export const PATHS_MAX = 512;

const NO_PATHS: PathSet = { exact: [], prefix: [], suffix: [] };
const FIRST_UNSURE = /[\ufffd\0]/;

/** The one path, by its beginning where the text is too long. undefined: every path. */
export function exactPath(text: string): PathSet | undefined {
  if (!isPlainPath(text)) return NO_PATHS;
  return isSure(text) ? { ...NO_PATHS, exact: [text] } : prefixPath(text);
}

/** Paths that begin with a text. */
export function prefixPath(text: string): PathSet | undefined {
  if (NOT_PLAIN.test(text) || (text !== '' && !text.startsWith('/'))) return NO_PATHS;
  let prefix = text.split(FIRST_UNSURE, 1)[0] ?? '';
  if (utf8Length(prefix) > PATH_BYTES_MAX) {
    prefix = new TextDecoder().decode(utf8(prefix).subarray(0, PATH_BYTES_MAX)).replace(/\ufffd$/, '');
  }
  // Every plain path begins with a slash.
  return prefix === '' || prefix === '/' ? undefined : { ...NO_PATHS, prefix: [prefix] };
}

/** Paths that end with a text. */
export function suffixPath(text: string): PathSet | undefined {
  if (NOT_PLAIN.test(text)) return NO_PATHS;
  let suffix = text.split(FIRST_UNSURE).at(-1) ?? '';
  if (utf8Length(suffix) > PATH_BYTES_MAX) {
    suffix = new TextDecoder().decode(utf8(suffix).subarray(-PATH_BYTES_MAX)).replace(/^\ufffd+/, '');
  }
  return suffix === '' ? undefined : { ...NO_PATHS, suffix: [suffix] };
}

/** Paths with a text in them: the kernel does not search, but some texts are in no plain path. */
export function containingPath(text: string): PathSet | undefined {
  return NOT_PLAIN.test(text) ? NO_PATHS : undefined;
}

/** Bytes that are no UTF-8 are shown as U+FFFD, so a text with one may stand for other bytes. */
function isSure(text: string): boolean {
  return !FIRST_UNSURE.test(text) && utf8Length(text) <= PATH_BYTES_MAX;
}

/** Union of several sets; undefined when one of them holds every path, or there are too many texts. */
export function uniteSets(sets: readonly (PathSet | undefined)[]): PathSet | undefined {
  const all = sets.filter((set) => set !== undefined);
  if (all.length < sets.length) return undefined;
  const prefix = shortest(
    all.flatMap((set) => set.prefix),
    (a, b) => a.startsWith(b),
  );
  const suffix = shortest(
    all.flatMap((set) => set.suffix),
    (a, b) => a.endsWith(b),
  );
  const rest = { exact: [], prefix, suffix };
  const exact = [...new Set(all.flatMap((set) => set.exact))].filter((path) => !holdsPath(rest, path));
  return exact.length + prefix.length + suffix.length <= PATHS_MAX ? { exact, prefix, suffix } : undefined;
}

/** Drops texts that another one covers. */
function shortest(texts: readonly string[], covered: (text: string, by: string) => boolean): string[] {
  const kept: string[] = [];
  for (const text of [...new Set(texts)].sort((a, b) => a.length - b.length)) {
    if (!kept.some((other) => covered(text, other))) kept.push(text);
  }
  return kept;
}

export function holdsPath(set: PathSet, path: string): boolean {
  return (
    set.exact.includes(path) ||
    set.prefix.some((text) => path.startsWith(text)) ||
    set.suffix.some((text) => path.endsWith(text))
  );
}

function setWithin(a: PathSet, b: PathSet): boolean {
  return (
    a.exact.every((path) => holdsPath(b, path)) &&
    a.prefix.every((text) => b.prefix.some((other) => text.startsWith(other))) &&
    a.suffix.every((text) => b.suffix.some((other) => text.endsWith(other)))
  );
}

/** Sets of one term: all must hold. More than two buy nothing in practice. */
const SETS_MAX = 2;

export const PATHS: Ops<readonly PathSet[], string> = {
  and: (a, b) => {
    const sets: PathSet[] = [];
    for (const set of [...a, ...b].sort((x, y) => rank(x) - rank(y))) {
      if (!sets.some((other) => setWithin(other, set))) sets.push(set);
    }
    // Whole paths can be tested against the other sets here and now.
    const [first] = sets;
    if (first && rank(first) === 0) {
      const exact = first.exact.filter((path) => sets.every((set) => holdsPath(set, path)));
      return [{ ...NO_PATHS, exact }];
    }
    return sets.slice(0, SETS_MAX);
  },
  or: (a, b) => {
    const [x] = a;
    const [y] = b;
    const set = x && y ? uniteSets([x, y]) : undefined;
    return set && [set];
  },
  within: (a, b) => b.every((set) => a.some((other) => setWithin(other, set))),
  isExact: (a, b) => a.length === 1 && b.length === 1,
  holds: (wanted, fact) => wanted.every((set) => holdsPath(set, fact)),
};

/** 0: whole paths only, 1: without suffixes, 2: with. What the kernel evaluates most easily comes first. */
function rank(set: PathSet): number {
  return set.suffix.length > 0 ? 2 : set.prefix.length > 0 ? 1 : 0;
}
