import { expect, test } from 'vitest';
import { addRecent, readRecent } from './recent-queries.ts';

test('keeps the eight newest queries once each', () => {
  let recent: string[] = [];
  for (let i = 0; i < 12; i += 1) recent = addRecent(recent, `evt.num=${i}`);
  recent = addRecent(recent, ' evt.num=8 ');
  expect(recent).toHaveLength(8);
  expect(recent[0]).toBe('evt.num=8');
  expect(new Set(recent).size).toBe(8);
});

test.each([null, '', '{', '{"a":1}', '[1,null]'])('reads %s as no queries', (stored) => {
  expect(readRecent(stored)).toEqual([]);
});
