import { isEverything } from '../filter/prefilter.ts';
import { PATH_OPENS } from '../filter/prefilter-facts.ts';
import type { Term, Terms } from '../filter/prefilter-term.ts';
import { type Prefilter, termsOf } from './prefilter.ts';

type OpenRule = 'none' | 'prefix' | 'all';

/** What the probe's table of path beginnings and its four kinds of open need to let through. */
export type ProbeOpens = {
  readonly readHost: OpenRule;
  readonly readContainer: OpenRule;
  readonly writeHost: OpenRule;
  readonly writeContainer: OpenRule;
  readonly openFailed: 'none' | 'denied' | 'all';
  /** Beginnings of paths; empty when no kind is `prefix`, or only paths that are not plain are needed. */
  readonly prefixes: readonly string[];
};

/** Size of the probe's table. */
const PREFIXES_MAX = 512;
/** Flags of which one makes an open a write for the probe: O_WRONLY, O_CREAT, O_APPEND, O_TRUNC. */
const WRITES = 2 | 4 | 8 | 256;
const DENIED = [-1, -13];

/**
 * Coarsens a prefilter to what the probe's options can say: one rule per kind of open and one table of path
 * beginnings for all. `extra` are more events that something else than rules needs.
 * The probe must let pass every path that is not plain (isPlainPath).
 */
export function probeOpens(prefilter: Prefilter, extra: ReadonlySet<string> = new Set()): ProbeOpens {
  const wanted = [...PATH_OPENS].map((type): readonly [string, Terms] => [
    type,
    extra.has(type) ? [{}] : termsOf(prefilter, type),
  ]);
  const reads = wanted.flatMap(([type, terms]) => (type === 'creat' ? [] : terms.filter(canRead)));
  const writes = wanted.flatMap(([, terms]) => terms);
  const onHost = (terms: Terms): Terms => terms.filter((term) => term.container === undefined);
  const kinds = [onHost(reads), reads, onHost(writes), writes];
  const prefixes = [
    ...new Set(kinds.flatMap((terms) => (ruleOf(terms) === 'prefix' ? beginnings(terms) : []))),
  ];
  const fits = prefixes.length <= PREFIXES_MAX;
  const rule = (terms: Terms): OpenRule => (ruleOf(terms) === 'prefix' && !fits ? 'all' : ruleOf(terms));
  const [readHost, readContainer, writeHost, writeContainer] = kinds.map(rule);
  return {
    readHost: readHost ?? 'all',
    readContainer: readContainer ?? 'all',
    writeHost: writeHost ?? 'all',
    writeContainer: writeContainer ?? 'all',
    openFailed: failedOf(writes.concat(reads)),
    prefixes: fits ? prefixes : [],
  };
}

/** Whether an open for reading alone can satisfy the term: it has the bit of O_RDONLY and none that writes. */
function canRead(term: Term): boolean {
  const needsWrite = term.flags?.some((mask) => (mask & ~WRITES) === 0) ?? false;
  return !needsWrite && ((term.flagsClear ?? 0) & 1) === 0;
}

function ruleOf(terms: Terms): OpenRule {
  if (terms.length === 0) return 'none';
  if (isEverything(terms)) return 'all';
  return terms.every((term) => beginningsOf(term) !== undefined) ? 'prefix' : 'all';
}

function beginnings(terms: Terms): readonly string[] {
  return terms.flatMap((term) => beginningsOf(term) ?? []);
}

/** Beginnings that cover the term's paths; undefined when it asks for endings only, or for no path. */
function beginningsOf(term: Term): readonly string[] | undefined {
  const set = term.path?.find(({ suffix }) => suffix.length === 0);
  return set && [...set.exact, ...set.prefix];
}

function failedOf(terms: Terms): ProbeOpens['openFailed'] {
  let denied = false;
  for (const { res } of terms) {
    for (const [min, max] of res ?? [[-4095, 0]]) {
      if (min >= 0) continue;
      if (min !== max || !DENIED.includes(min)) return 'all';
      denied = true;
    }
  }
  return denied ? 'denied' : 'none';
}
