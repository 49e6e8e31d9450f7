import { expect, test } from 'vitest';
import { parseFilter } from '../../core/filter/parser.ts';
import { equalityFilter, withCondition } from './value-filter.ts';

test('quotes values that are not bare words', () => {
  expect(equalityFilter('proc.name', 'cat')).toBe('proc.name=cat');
  expect(equalityFilter('proc.cmdline', 'sh -c "id"')).toBe('proc.cmdline="sh -c \\"id\\""');
  expect(equalityFilter('proc.aname', ['bash', 'my sh'])).toBe('proc.aname in (bash, "my sh")');
});

test('writes values that read back as they were', () => {
  for (const value of ['C:\\', 'a\\"b', 'x\ny', "it's", 'a b\\', 'and', '']) {
    const parsed = parseFilter(equalityFilter('proc.cmdline', value));
    expect(parsed.ok && parsed.ast.kind === 'check' && parsed.ast.right).toMatchObject({ text: value });
  }
});

test('keeps the meaning of an alternative when a condition is added', () => {
  expect(withCondition('a=1 or b=2', 'c=3', false)).toBe('(a=1 or b=2) and c=3');
  expect(withCondition('a=1', 'c=3', true)).toBe('a=1 and not c=3');
  expect(withCondition('  ', 'c=3', true)).toBe('not c=3');
});
