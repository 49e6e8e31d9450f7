import type { ResolvedField } from '../fields/catalogue.ts';
import { globTokens } from '../fields/glob.ts';
import type { CheckNode, Operator } from './ast.ts';
import { readInteger } from './literal.ts';
import { components, isGlob } from './path-match.ts';
import { FLAG_OPENS, PATH_OPENS } from './prefilter-facts.ts';
import { boolTerms, literals, numberRanges, numberTerms } from './prefilter-leaf.ts';
import {
  containingPath,
  exactPath,
  PATHS_MAX,
  type PathSet,
  prefixPath,
  suffixPath,
  uniteSets,
} from './prefilter-path.ts';
import { EVERYTHING, NOTHING, type Terms } from './prefilter-term.ts';

/** Falco's names of open flags and their bits, as evt.arg.flags prints them. Source: libs driver/flags_table.c. */
const FLAG_NAMES: Readonly<Record<string, number>> = {
  O_RDONLY: 1,
  O_WRONLY: 2,
  O_RDWR: 3,
  O_CREAT: 1 << 2,
  O_APPEND: 1 << 3,
  O_DSYNC: 1 << 4,
  O_EXCL: 1 << 5,
  O_NONBLOCK: 1 << 6,
  O_SYNC: 1 << 7,
  O_TRUNC: 1 << 8,
  O_DIRECT: 1 << 9,
  O_DIRECTORY: 1 << 10,
  O_LARGEFILE: 1 << 11,
  O_CLOEXEC: 1 << 12,
  O_TMPFILE: 1 << 13,
  O_F_CREATED: 1 << 14,
  FD_UPPER_LAYER: 1 << 15,
  FD_LOWER_LAYER: 1 << 16,
};
const CREATING = (1 << 2) | (1 << 13);

/** Checks that read what an open says of itself: path, flags, result. */
export function openTerms(
  { def, argument }: ResolvedField,
  check: CheckNode,
  type: string,
  negated: boolean,
): Terms {
  switch (def.name) {
    case 'evt.is_open_read':
      return maskTerms(check, type, negated, 1);
    case 'evt.is_open_write':
      return maskTerms(check, type, negated, 2);
    case 'evt.is_open_create':
      return maskTerms(check, type, negated, 1 << 14);
    case 'evt.is_open_exec': {
      const whenTrue = FLAG_OPENS.has(type) ? [{ flags: [CREATING] }] : EVERYTHING;
      return boolTerms(check, negated, { whenTrue, whenFalse: EVERYTHING });
    }
    case 'fd.num':
      return descriptorTerms(check, negated);
    case 'evt.arg':
      if (negated) return EVERYTHING;
      if (argument === 'name' && PATH_OPENS.has(type)) return pathTerms(check, wholePath);
      return argument === 'flags' && FLAG_OPENS.has(type) ? flagNameTerms(check) : EVERYTHING;
    default:
      return negated || !PATH_OPENS.has(type) ? EVERYTHING : nameTerms(def.name, check);
  }
}

function maskTerms(check: CheckNode, type: string, negated: boolean, mask: number): Terms {
  if (!FLAG_OPENS.has(type)) return EVERYTHING;
  return boolTerms(check, negated, { whenTrue: [{ flags: [mask] }], whenFalse: [{ flagsClear: mask }] });
}

/** The descriptor is the result; of a failed open it is -1. Only what excludes -1 can be asked of the result. */
function descriptorTerms(check: CheckNode, negated: boolean): Terms {
  const ranges = numberRanges(check, readInteger);
  if (negated || !ranges || ranges.some(([min]) => min < 0)) return EVERYTHING;
  return numberTerms('res', ranges, false);
}

/** `contains` the name of a flag: each flag whose name has it in itself can be why. */
function flagNameTerms(check: CheckNode): Terms {
  if (check.operator !== 'contains' || check.right?.kind !== 'value') return EVERYTHING;
  const { text } = check.right;
  // Another text may be part of a number, or run across several names.
  if (!Object.hasOwn(FLAG_NAMES, text)) return EVERYTHING;
  const masks = Object.entries(FLAG_NAMES).flatMap(([name, mask]) => (name.includes(text) ? [mask] : []));
  return [{ flags: [masks.reduce((all, mask) => all | mask, 0)] }];
}

/** Path sets of a comparison with one literal; undefined: every path. */
type PathReader = (operator: Operator, literal: string) => readonly PathSet[] | undefined;

function nameTerms(name: string, check: CheckNode): Terms {
  switch (name) {
    case 'fd.name':
    case 'fd.nameraw':
      return pathTerms(check, wholePath);
    case 'fd.directory':
      return pathTerms(check, directory);
    case 'fd.filename':
      return pathTerms(check, filename);
    default:
      return EVERYTHING;
  }
}

/** Negated, a path check is true of nearly every path, so only positive ones come here. */
function pathTerms(check: CheckNode, reader: PathReader): Terms {
  const items = literals(check);
  if (check.operator === 'exists' || items.length > PATHS_MAX) return EVERYTHING;
  if (items.length === 0) return NOTHING;
  const [first, ...rest] = items.map((item) => reader(check.operator, item.text));
  if (!first) return EVERYTHING;
  if (rest.length === 0) return [{ path: first }];
  const set = uniteSets([first, ...rest].map((sets) => sets?.[0]));
  return set ? [{ path: [set] }] : EVERYTHING;
}

function alone(set: PathSet | undefined): readonly PathSet[] | undefined {
  return set && [set];
}

function wholePath(operator: Operator, literal: string): readonly PathSet[] | undefined {
  switch (operator) {
    case '=':
    case '==':
    case 'in':
    case 'intersects':
      return alone(exactPath(literal));
    case 'startswith':
      return alone(prefixPath(literal));
    case 'endswith':
      return alone(suffixPath(literal));
    case 'contains':
    case 'icontains':
      return alone(containingPath(literal));
    case 'glob':
      return globPaths(literal);
    case 'pmatch':
      return alone(below(literal));
    default:
      return undefined;
  }
}

/** Literal beginning and end of a pattern. */
function globPaths(pattern: string): readonly PathSet[] | undefined {
  const tokens = globTokens(pattern);
  const first = tokens.findIndex((token) => token.kind !== 'char');
  const text = (from: number, to?: number): string =>
    tokens
      .slice(from, to)
      .map((token) => (token.kind === 'char' ? token.char : ''))
      .join('');
  if (first < 0) return alone(exactPath(text(0)));
  const last = tokens.findLastIndex((token) => token.kind !== 'char');
  const sets = [prefixPath(text(0, first)), suffixPath(text(last + 1))].filter((set) => set !== undefined);
  return sets.length > 0 ? sets : undefined;
}

/** Paths below the components before the first pattern. A last plain component may be the path itself. */
function below(literal: string): PathSet | undefined {
  const parts = components(literal);
  const glob = parts.findIndex(isGlob);
  const plain = glob < 0 ? parts : parts.slice(0, glob);
  return prefixPath(plain.length === 0 ? '' : `/${plain.join('/')}${glob < 0 ? '' : '/'}`);
}

function directory(operator: Operator, literal: string): readonly PathSet[] | undefined {
  switch (operator) {
    case '=':
    case '==':
    case 'in':
    case 'intersects':
      return alone(prefixPath(literal.endsWith('/') ? literal : `${literal}/`));
    case 'startswith':
      return alone(prefixPath(literal));
    case 'pmatch':
      return alone(below(literal));
    default:
      return undefined;
  }
}

function filename(operator: Operator, literal: string): readonly PathSet[] | undefined {
  switch (operator) {
    case '=':
    case '==':
    case 'in':
    case 'intersects':
      return alone(suffixPath(`/${literal}`));
    case 'endswith':
      return alone(suffixPath(literal));
    default:
      return undefined;
  }
}
