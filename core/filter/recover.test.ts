import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RECORD_CATALOGUE } from '../fields/catalogue.ts';
import { checkFilter } from './check.ts';
import { parseFilter } from './parser.ts';
import { diagnoseFilter, FAULTS_MAX } from './recover.ts';

const at = (text: string): string[] =>
  diagnoseFilter(text).map(({ line, column, message }) => `${line}:${column} ${message}`);

describe('diagnoseFilter', () => {
  it('says nothing about a filter without fault', () => {
    for (const text of [
      'proc.name = cat',
      'proc.name = and and proc.name = or or not proc.name in (and, or, not)',
      'not (fd.name startswith "/etc (" or proc.name in (a, b)) and tolower(proc.cmdline) contains "or x"',
      'evt.priority >= warning',
    ]) {
      expect(at(text), text).toEqual([]);
    }
  });

  it('finds faults behind the first, with line and column', () => {
    expect(at('proc.nam = cat and\nproc.name === x or fd.sport > abc and proc.name = cat')).toEqual([
      '1:1 filter_check called with nonexistent field proc.nam',
      expect.stringMatching(/^2:13 expected a string value/),
      expect.stringMatching(/^2:31 expected a number value/),
    ]);
    expect(at('(proc.name = cat and (fd.sport = x or )')).toEqual([
      "1:1 expected a ')' token for this '('",
      "1:34 'x' is not a valid value for a field of type port",
      "1:39 expected a field check before ')'",
    ]);
    expect(at('proc.name = cat proc.pid = 1 proc.ppid = x')).toEqual([
      expect.stringMatching(/^1:17 unexpected token after 'cat'/),
      expect.stringMatching(/^1:30 unexpected token after '1'/),
      "1:42 'x' is not a valid value for a field of type number",
    ]);
    expect(at('proc.name in (a, b and proc.nam = x')).toEqual([
      expect.stringMatching(/^1:(?:19|20) expected a '\)'/),
      '1:24 filter_check called with nonexistent field proc.nam',
    ]);
  });

  it('names what is missing at the ends', () => {
    expect(at('')).toEqual(['1:1 the filter is empty']);
    expect(at('proc.name = cat and')).toEqual(['1:20 unexpected end, expecting a field check']);
    expect(at('and proc.name = cat')).toEqual(["1:1 expected a field check before 'and'"]);
    expect(at('proc.name = cat)')).toEqual(["1:16 ')' closes nothing"]);
    expect(at('proc.name = "cat')).toEqual([expect.stringMatching(/^1:\d+ expected closing " /)]);
  });

  it('marks the text that a fault is about', () => {
    const [fault] = diagnoseFilter('proc.name = cat and proc.nam = "x y"');
    expect([fault?.index, fault?.end]).toEqual([20, 28]);
  });

  it('has faults exactly when the filter does not parse or check', () => {
    const piece = fc.constantFrom(
      ...['proc.name', 'fd.sport', '=', '!=', 'in', 'contains', 'exists', 'cat', '22', '(', ')', 'and', 'or'],
      ...['not', '"x"', '"', ',', 'tolower(', 'val(', ' ', '\n', '[1]', 'oneof', '\\', '\ud800'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), fc.constantFrom(' ', ''), (pieces, glue) => {
        const text = pieces.join(glue);
        const parsed = parseFilter(text);
        const good = parsed.ok && checkFilter(parsed.ast, RECORD_CATALOGUE).length === 0;
        const faults = diagnoseFilter(text);
        expect(faults.length === 0, text).toBe(good);
        for (const { index, end, line, column } of faults) {
          expect(index).toBeLessThanOrEqual(text.length);
          expect(end).toBeGreaterThanOrEqual(index);
          expect(Math.min(line, column)).toBeGreaterThan(0);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['open parentheses', '('.repeat(200_000)],
    ['closed parentheses', ')'.repeat(200_000)],
    ['words', 'a '.repeat(100_000)],
    ['quotes', '" '.repeat(100_000)],
    ['connectors', 'and '.repeat(50_000)],
    ['faulty checks', 'proc.name = = and '.repeat(12_000)],
    ['unknown fields', 'a.b=1 or '.repeat(25_000)],
    ['negations', 'not '.repeat(60_000)],
    ['lines', '\n'.repeat(200_000)],
    ['lists', 'proc.name in (a and '.repeat(12_000)],
    ['backslashes', `"${'\\"'.repeat(100_000)}`],
    ['transformers', 'tolower('.repeat(30_000)],
  ])('answers to hostile %s within the limits', (_, text) => {
    const start = performance.now();
    const faults = diagnoseFilter(text);
    expect(performance.now() - start).toBeLessThan(1_500);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.length).toBeLessThanOrEqual(FAULTS_MAX);
  });
});
