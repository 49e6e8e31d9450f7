import fc from 'fast-check';
import { expect, test } from 'vitest';
import { patchParams } from '../shell/url-params.ts';
import { eventParam, facetExclude, facetOnly, facetToggle, readEventsUrl, spanParam } from './events-url.ts';

const read = (search: string) => readEventsUrl(new URLSearchParams(search));

test('restores query, facets, brush and open event from the search string it wrote', () => {
  const sel = { from: '2026-11-21T02:46:00.000Z', to: '2026-11-21T02:54:30.000Z' };
  const ev = { id: '3.0195-aa', time: '2026-11-21T02:48:39.204187Z' };
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), fc.uniqueArray(fc.string({ minLength: 1 })), (q, values) => {
      const search = patchParams(new URLSearchParams('ns=payments'), {
        q,
        'f.process': values,
        sel: spanParam(sel),
        ev: eventParam(ev),
      }).toString();
      const state = read(search);
      expect(state.q).toBe(q.toWellFormed());
      expect(state.facets.process ?? []).toEqual(values.map((one) => one.toWellFormed()));
      expect(state.sel).toEqual(sel);
      expect(state.ev).toEqual(ev);
      expect(new URLSearchParams(search).get('ns')).toBe('payments');
    }),
  );
});

test.each([
  '?sel=x..y',
  '?sel=2026-11-21T03:00Z..2026-11-21T02:00Z',
  '?sel=2026-11-21T03:00Z',
  '?ev=@',
  '?ev=1@never',
])('treats malformed %s as absent', (search) => {
  expect(read(search)).toEqual({ q: '', facets: {}, sel: undefined, ev: undefined });
});

test('ignores facets it does not know and empty values', () => {
  expect(read('?f.evil=1&f.node=&f.node=a&f.node=a').facets).toEqual({ node: ['a'] });
});

test('click selects only, click again clears', () => {
  expect(facetOnly(['a', 'b'], 'a')).toEqual(['a']);
  expect(facetOnly(['a'], 'a')).toEqual([]);
});

test('checkbox adds an alternative and replaces an exclusion', () => {
  expect(facetToggle(['a'], 'b')).toEqual(['a', 'b']);
  expect(facetToggle(['a', 'b'], 'a')).toEqual(['b']);
  expect(facetToggle(['!b'], 'b')).toEqual(['b']);
});

test('alt-click excludes and gives back', () => {
  expect(facetExclude(['a'], 'a')).toEqual(['!a']);
  expect(facetExclude(['!a'], 'a')).toEqual([]);
});
