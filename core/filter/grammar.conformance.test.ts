import { expect, it } from 'vitest';
import { corpusCases, HAS_CORPUS } from '../../rulesets/cases/corpus.ts';
import { parseFilter } from './parser.ts';
import { printFilter } from './print.ts';

const cases = HAS_CORPUS ? corpusCases('filter-grammar') : [];

it.runIf(HAS_CORPUS)('has the 313 grammar cases of the corpus', () => {
  expect(cases.length).toBe(313);
});

it.each(cases.map((item) => [item.id, item] as const))('%s', (_id, item) => {
  const parsed = parseFilter(item.filter ?? '');
  expect(parsed.ok).toBe(item.expect.accept);
  if (!parsed.ok) {
    for (const text of [item.expect.error_contains ?? []].flat())
      expect(parsed.faults[0]?.message).toContain(text);
    return;
  }
  const again = parseFilter(printFilter(parsed.ast));
  expect(again.ok && printFilter(again.ast)).toBe(printFilter(parsed.ast));
});
