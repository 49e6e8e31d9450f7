import { expect, test } from 'vitest';
import { closedSearch, previewSearch, readActionUrl } from './action-url.ts';

const read = (search: string) => readActionUrl(new URLSearchParams(search));

test('reopens the preview that it wrote and keeps the rest of the URL', () => {
  const request = {
    action: 'quarantine',
    target: { kind: 'pod', namespace: 'payments', name: 'checkout-api-x2k4q' },
    incidentId: 2041,
  } as const;
  const search = previewSearch('?q=a%3Db', request);
  expect(read(search)).toEqual(request);
  expect(new URLSearchParams(search).get('q')).toBe('a=b');
  expect(closedSearch(search)).toBe('?q=a%3Db');
});

test.each([
  '?preview=quarantine&target=node/n1',
  '?preview=cordon&target=pod/a/b',
  '?preview=delete&target=pod/a/b',
  '?preview=cordon&target=node/../x',
  '?preview=quarantine&target=pod/a/b/c',
  '?preview=quarantine',
])('refuses %s', (search) => {
  expect(read(search)).toBeUndefined();
});
