import fc from 'fast-check';
import { expect, test } from 'vitest';
import { highlightFilter } from './highlight.ts';

const kinds = (text: string) =>
  highlightFilter(text)
    .filter((token) => token.kind !== 'space')
    .map((token) => `${token.kind[0]}:${token.text}`);

test('colours fields, operators and values', () => {
  expect(
    kinds('k8s.pod.name startswith checkout-api or (proc.name=cat and not fd.name in (/etc/a, "b c"))'),
  ).toEqual([
    'f:k8s.pod.name',
    'o:startswith',
    'v:checkout-api',
    'o:or',
    'p:(',
    'f:proc.name',
    'o:=',
    'v:cat',
    'o:and',
    'o:not',
    'f:fd.name',
    'o:in',
    'p:(',
    'v:/etc/a',
    'p:,',
    'v:"b c"',
    'p:)',
    'p:)',
  ]);
});

test('a connective inside a list is a value', () => {
  expect(kinds('proc.name in (and, or)').slice(3)).toEqual(['v:and', 'p:,', 'v:or', 'p:)']);
});

test('loses and reorders no character of any input', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      expect(
        highlightFilter(text)
          .map((token) => token.text)
          .join(''),
      ).toBe(text);
    }),
  );
});
