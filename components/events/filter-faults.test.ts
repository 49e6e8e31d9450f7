import { expect, test } from 'vitest';
import { filterFaults } from './filter-faults.ts';

test('finds every fault, its place and the text that it is about', () => {
  expect(filterFaults('proc.nam=cat and fd.sport=x')).toEqual([
    { line: 1, column: 1, message: expect.stringContaining('proc.nam'), span: { from: 0, to: 8 } },
    { line: 1, column: 27, message: expect.stringContaining("'x'"), span: { from: 26, to: 27 } },
  ]);
});

test('has nothing against an empty or a good query', () => {
  expect(filterFaults('  ')).toEqual([]);
  expect(filterFaults('proc.name=cat')).toEqual([]);
});
