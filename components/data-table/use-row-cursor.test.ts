import { expect, test } from 'vitest';
import { moveTarget } from './use-row-cursor.ts';

const key = (name: string, more = {}) => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...more,
});

test('moves within the rows and stops at both ends', () => {
  expect(moveTarget(key('j'), -1, 3, 10)).toBe(0);
  expect(moveTarget(key('ArrowDown'), 2, 3, 10)).toBe(2);
  expect(moveTarget(key('k'), 0, 3, 10)).toBe(0);
  expect(moveTarget(key('PageDown'), 1, 30, 10)).toBe(11);
  expect(moveTarget(key('End'), 1, 30, 10)).toBe(29);
});

test('leaves browser shortcuts and empty lists alone', () => {
  expect(moveTarget(key('k', { metaKey: true }), 1, 3, 10)).toBeUndefined();
  expect(moveTarget(key('j'), -1, 0, 10)).toBeUndefined();
});
