import type { CheckNode, ValueNode } from './ast.ts';
import { compileRecordFilter } from './compile.ts';
import { FD_TYPES } from './prefilter-facts.ts';
import { ALL_NUMBERS, complement, MEMBERS_MAX, type Range, union } from './prefilter-set.ts';
import { EVERYTHING, either, NOTHING, type Term, type Terms } from './prefilter-term.ts';

/** Verdict of a check over one field whose value is given. */
export function verdict(check: CheckNode, value: string | boolean): boolean {
  if (check.left.kind !== 'field') return true;
  return compileRecordFilter(check)({ fields: { [check.left.name]: value } });
}

export function constantTerms(check: CheckNode, value: string, negated: boolean): Terms {
  return verdict(check, value) !== negated ? EVERYTHING : NOTHING;
}

type BoolTerms = { readonly whenTrue: Terms; readonly whenFalse: Terms };

export function boolTerms(check: CheckNode, negated: boolean, terms: BoolTerms): Terms {
  if (check.operator === 'exists') return EVERYTHING;
  const whenTrue = verdict(check, true) !== negated ? terms.whenTrue : NOTHING;
  const whenFalse = verdict(check, false) !== negated ? terms.whenFalse : NOTHING;
  return either(whenTrue, whenFalse);
}

export function literals({ right }: CheckNode): readonly ValueNode[] {
  if (right?.kind === 'list') return right.items;
  return right?.kind === 'value' ? [right] : [];
}

type NumberFact = 'res' | 'uid' | 'serverPort' | 'clientPort';

/** `ranges` are the values that satisfy the check, exactly; undefined = not known. */
export function numberTerms(fact: NumberFact, ranges: readonly Range[] | undefined, negated: boolean): Terms {
  if (!ranges) return EVERYTHING;
  const wanted = negated ? complement(ranges) : ranges;
  if (wanted.length > MEMBERS_MAX || complement(wanted).length === 0) return EVERYTHING;
  const term: Term = { [fact]: wanted };
  return [term];
}

const [[FIRST, LAST] = [0, 0]] = ALL_NUMBERS;

/** Values that satisfy a comparison with literals, exactly. */
export function numberRanges(
  check: CheckNode,
  read: (text: string) => number | bigint | undefined,
): readonly Range[] | undefined {
  const numbers: number[] = [];
  const items = literals(check);
  if (items.length > MEMBERS_MAX) return undefined;
  for (const item of items) {
    const number = read(item.text);
    if (typeof number !== 'number' || number <= FIRST || number >= LAST) return undefined;
    numbers.push(number);
  }
  const points = union(numbers.map((n): Range => [n, n]));
  if (check.operator === 'in' || check.operator === 'intersects') return points;
  const [n] = numbers;
  if (n === undefined) return undefined;
  switch (check.operator) {
    case '=':
    case '==':
      return points;
    case '!=':
      return complement(points);
    case '<':
      return [[FIRST, n - 1]];
    case '<=':
      return [[FIRST, n]];
    case '>':
      return [[n + 1, LAST]];
    case '>=':
      return [[n, LAST]];
    default:
      return undefined;
  }
}

/** Types of descriptor for which the check gives the wanted verdict. */
export function fdTypeTerms(
  check: CheckNode,
  negated: boolean,
  textOf: (typechar: string) => string | undefined,
): Terms {
  if (check.operator === 'exists') return EVERYTHING;
  const types = FD_TYPES.filter((typechar) => {
    const value = textOf(typechar);
    return (value !== undefined && verdict(check, value)) !== negated;
  });
  return types.length === FD_TYPES.length ? EVERYTHING : [{ fdType: types }];
}
