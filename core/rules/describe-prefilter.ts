import { fdTypeName } from '../fields/fd-text.ts';
import { isEverything } from '../filter/prefilter.ts';
import type { PathSet } from '../filter/prefilter-path.ts';
import { ALL_NUMBERS, type Range } from '../filter/prefilter-set.ts';
import type { Term, Terms } from '../filter/prefilter-term.ts';
import type { Prefilter } from './prefilter.ts';

/** Longest list that is written out. */
const SHOWN_MAX = 8;

/** The prefilter in words, one event type or group of equal types after the other. */
export function describePrefilter(prefilter: Prefilter): string {
  const groups = Map.groupBy(Object.entries(prefilter.types), ([, terms]) => JSON.stringify(terms));
  const parts = [...groups.values()].map((group) => {
    const names = group.map(([type]) => type).join(', ');
    return describeType(names, group[0]?.[1] ?? []);
  });
  if (prefilter.others.length > 0) parts.push(describeType('every other type', prefilter.others));
  return parts.length > 0 ? parts.join('\n') : 'no event of the kernel is needed';
}

function describeType(names: string, terms: Terms): string {
  if (isEverything(terms)) return `${names}: all`;
  return [`${names}: only`, ...terms.map((term) => `  - ${describeTerm(term)}`)].join('\n');
}

function describeTerm(term: Term): string {
  const parts = [
    term.container && 'in a container',
    ...(term.flags ?? []).map((mask) => `flags with ${flagNames(mask)}`),
    term.flagsClear === undefined ? undefined : `flags without ${flagNames(term.flagsClear)}`,
    ...(term.path ?? []).map(describePaths),
    term.res && `result ${ranges(term.res)}`,
    term.fdType && `descriptor of type ${listed(term.fdType.map(fdTypeName))}`,
    term.serverPort && `server port ${ranges(term.serverPort)}`,
    term.clientPort && `client port ${ranges(term.clientPort)}`,
    term.uid && `user id ${ranges(term.uid)}`,
    term.comm &&
      ('in' in term.comm ? `thread ${listed(term.comm.in)}` : `thread other than ${listed(term.comm.notIn)}`),
  ];
  return parts.filter((part) => part).join('; ');
}

/** Bits beyond the two that everybody knows, as one number. */
function flagNames(mask: number): string {
  const names = [mask & 1 && 'read', mask & 2 && 'write', mask & ~3 && `0x${(mask & ~3).toString(16)}`];
  return names.filter(Boolean).join(' or ');
}

function describePaths({ exact, prefix, suffix }: PathSet): string {
  const ways = [
    exact.length > 0 && `is ${listed(exact)}`,
    prefix.length > 0 && `begins with ${listed(prefix)}`,
    suffix.length > 0 && `ends with ${listed(suffix)}`,
  ].filter(Boolean);
  const relative = 'is relative, or has // /. or ../ in it';
  return `path ${[...ways, relative].join(', or ')}`;
}

function listed(texts: readonly string[]): string {
  if (texts.length === 0) return 'none';
  const rest = texts.length - SHOWN_MAX;
  const shown = texts
    .slice(0, SHOWN_MAX)
    .map((text) => (/^[\x21-\x7e]+$/.test(text) ? text : JSON.stringify(text)));
  return `${shown.join(' ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function ranges(wanted: readonly Range[]): string {
  const [[first, last] = [0, 0]] = ALL_NUMBERS;
  const texts = wanted.map(([min, max]) => {
    if (min === max) return String(min);
    if (min === first) return `≤ ${max}`;
    return max === last ? `≥ ${min}` : `${min}–${max}`;
  });
  return texts.length === 0
    ? 'not known'
    : texts.slice(0, SHOWN_MAX).join(', ') + (texts.length > SHOWN_MAX ? ' …' : '');
}
