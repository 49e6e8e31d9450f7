import { type Catalogue, RECORD_CATALOGUE } from '../fields/catalogue.ts';
import type { Fault, Position } from './ast.ts';
import { checkFilter } from './check.ts';
import { FILTER_CHARS_MAX, parseFilter } from './parser.ts';
import { walkFilter } from './recover-walk.ts';

/** Most faults reported of one text. */
export const FAULTS_MAX = 20;

/** A fault with the end of the text that it is about. */
export type Diagnostic = Fault & { readonly end: number };

/**
 * Every fault of a filter, also behind the first one: each check is parsed and checked on its own. Empty
 * exactly when the filter parses and passes `checkFilter`. Time is linear in the text.
 */
export function diagnoseFilter(text: string, catalogue: Catalogue = RECORD_CATALOGUE): readonly Diagnostic[] {
  const parsed = parseFilter(text);
  if (parsed.ok) return finish(text, checkFilter(parsed.ast, catalogue));
  if (text.length > FILTER_CHARS_MAX) return finish(text, parsed.faults);
  const faults = recovered(text.toWellFormed(), catalogue);
  return finish(text, faults.length > 0 ? faults : parsed.faults);
}

function recovered(text: string, catalogue: Catalogue): Fault[] {
  const at = positions(text);
  const walk = walkFilter(text);
  const faults: Fault[] = walk.problems
    .slice(0, FAULTS_MAX)
    .map(({ index, message }) => ({ ...at(index), message }));
  for (const index of walk.groups.slice(0, FAULTS_MAX)) {
    faults.push({ ...at(index), message: "expected a ')' token for this '('", expected: [')'] });
  }
  if (walk.expects === 'check') {
    const message = text.trim() === '' ? 'the filter is empty' : 'unexpected end, expecting a field check';
    faults.push({ ...at(text.trimEnd().length), message });
  }
  let found = 0;
  for (const [start, end] of walk.leaves) {
    if (found >= FAULTS_MAX) break;
    const inside = leafFaults(text.slice(start, end), catalogue);
    faults.push(...inside.map((fault) => ({ ...fault, ...at(start + fault.index) })));
    found += inside.length;
  }
  return faults;
}

const CONTINUES = /^unexpected token after /;

/** Faults of one check; where a connector is missing in it, of the checks that follow too. */
function leafFaults(text: string, catalogue: Catalogue): Fault[] {
  const faults: Fault[] = [];
  for (let start = 0; faults.length < FAULTS_MAX; ) {
    const parsed = parseFilter(text.slice(start));
    const found = parsed.ok ? checkFilter(parsed.ast, catalogue) : parsed.faults;
    faults.push(...found.map((fault) => ({ ...fault, index: start + fault.index })));
    const [first] = found;
    if (parsed.ok || !first || first.index === 0 || !CONTINUES.test(first.message)) break;
    start += first.index;
  }
  return faults;
}

function finish(text: string, faults: readonly Fault[]): readonly Diagnostic[] {
  const sorted = faults.toSorted((a, b) => a.index - b.index);
  const distinct = sorted.filter((fault, i) => fault.index !== sorted[i - 1]?.index);
  return distinct.slice(0, FAULTS_MAX).map((fault) => ({ ...fault, end: tokenEnd(text, fault.index) }));
}

const TOKEN = /"[^"]*"?|'[^']*'?|[^()"'=, \b\t\r\n]+|./suy;

/** End of the word, quoted text or sign at an index; a fault at the very end is about nothing that is there. */
function tokenEnd(text: string, index: number): number {
  TOKEN.lastIndex = index;
  const token = TOKEN.exec(text)?.[0] ?? '';
  return index + (token.trim() === '' ? 0 : token.length);
}

/** Line and column of indexes, which need not ascend. */
function positions(text: string): (index: number) => Position {
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return (index) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return { index, line: low + 1, column: index - (starts[low] ?? 0) + 1 };
  };
}
