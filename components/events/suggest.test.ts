import { expect, test } from 'vitest';
import { applySuggestion, suggestAt, type ValueCounts } from './suggest.ts';

const counts: ValueCounts = new Map([
  [
    'process',
    [
      { value: 'cat', count: 12 },
      { value: 'my sh', count: 1 },
    ],
  ],
]);
const labels = (text: string) => suggestAt(text, text.length, counts).map((one) => one.label);

test('offers fields at the start and after a connective', () => {
  expect(labels('')).toContain('proc.name');
  expect(labels('proc.n')[0]).toBe('proc.name');
  expect(labels('proc.name=cat and fd.na')[0]).toBe('fd.name');
  expect(labels('not (')).toContain('proc.name');
});

test('offers the operators that the field takes', () => {
  expect(labels('proc.name ')).toContain('startswith');
  expect(labels('proc.name sta')).toEqual(expect.arrayContaining(['startswith']));
  expect(labels('proc.pid ')).not.toContain('startswith');
});

test('offers counted values, quoted where needed', () => {
  const [first, second] = suggestAt('proc.name=', 10, counts);
  expect(first).toMatchObject({ label: 'cat', detail: '12 events', insert: 'cat ' });
  expect(second?.insert).toBe('"my sh" ');
  expect(labels('proc.name in (c')).toEqual(['cat']);
});

test('says what a field is and how it is typed', () => {
  expect(suggestAt('fd.spo', 6, counts)[0]).toMatchObject({
    label: 'fd.sport',
    detail: 'port',
    help: 'Server port',
  });
  expect(suggestAt('', 0, counts)[0]).toMatchObject({ label: 'rule', kind: 'field' });
});

test('goes on inside of a list', () => {
  expect(suggestAt('proc.name in (c', 15, counts)[0]?.insert).toBe('cat');
  expect(labels('proc.name in (cat ')).toEqual([',', ')']);
});

test('offers connectives behind a complete condition', () => {
  expect(labels('proc.name=cat ')).toEqual(['and', 'or']);
});

test('a suggestion replaces the word at the caret only', () => {
  const text = 'proc.na = cat';
  const suggestion = suggestAt(text, 7, counts).find((one) => one.label === 'proc.name');
  if (suggestion === undefined) throw new Error('proc.name is missing');
  expect(applySuggestion(text, suggestion)).toEqual({ text: 'proc.name = cat', caret: 9 });
});
