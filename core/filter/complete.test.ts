import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FIELDS } from '../fields/catalogue.ts';
import { parseQuery } from './check.ts';
import { completeFilter, operatorsOf } from './complete.ts';

const names = (text: string, cursor = text.length): readonly string[] =>
  completeFilter(text, cursor).items.map((item) => item.insert);

it('offers fields at the start, after and, after not and inside parentheses', () => {
  for (const text of ['pro', 'evt.type = open and pro', 'not pro', '(pro', 'rule exists or (not pro']) {
    expect(names(text)).toContain('proc.name');
  }
});

it('offers operators by type', () => {
  expect(names('proc.name ')).toContain('startswith');
  expect(names('proc.pid ')).not.toContain('startswith');
  expect(names('ka.user.groups ')).toEqual(['exists', 'in', 'intersects']);
  expect(names('nonsense ')).toEqual([]);
});

it('offers values where there are few, and connectives behind a comparison', () => {
  expect(names('evt.priority >= ')).toContain('warning');
  expect(names('proc.name in (a, b) ')).toEqual(['and', 'or']);
  expect(completeFilter('proc.name = "a b" ', 18).expects).toBe('connective');
});

it('replaces the whole word under the cursor', () => {
  expect(completeFilter('proc.nxx = a', 6)).toMatchObject({ from: 0, to: 8 });
});

it('survives any text and cursor', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(40), (text, at) => {
      const cursor = Math.min(at, text.length);
      const { from, to } = completeFilter(text, cursor);
      expect(from).toBeLessThanOrEqual(cursor);
      expect(to).toBeGreaterThanOrEqual(cursor);
    }),
  );
});

it('offers only operators that the checker accepts', () => {
  const sample: Readonly<Record<string, string>> = {
    number: '1',
    port: '80',
    bool: 'true',
    ip: '::1',
    net: '::/0',
    bytes: '00',
  };
  for (const field of FIELDS) {
    if (field.argument?.required) continue;
    for (const operator of operatorsOf(field.name)) {
      const value = sample[field.type] ?? 'x';
      const list = operator === 'in' || operator === 'intersects' || operator === 'pmatch';
      const number = /[<>]/.test(operator) ? '1' : value;
      const right = operator === 'exists' ? '' : list ? `("${value}")` : number;
      const parsed = parseQuery(`${field.name} ${operator} ${right}`);
      expect(parsed.ok || parsed.faults[0]?.message, `${field.name} ${operator}`).toBe(true);
    }
  }
});
