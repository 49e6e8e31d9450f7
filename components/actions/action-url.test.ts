import { expect, test } from 'vitest';
import { patchParams } from '../shell/url-params.ts';
import { CLOSED_PARAMS, previewParams, readActionUrl } from './action-url.ts';

const read = (search: string) => readActionUrl(new URLSearchParams(search));

test('reopens the preview that it wrote and keeps the rest of the URL', () => {
  const request = {
    action: 'quarantine',
    target: { kind: 'pod', namespace: 'payments', name: 'checkout-api-x2k4q' },
    incidentId: 2041,
  } as const;
  const params = patchParams(new URLSearchParams('q=a%3Db'), previewParams(request));
  expect(readActionUrl(params)).toEqual(request);
  expect(params.get('q')).toBe('a=b');
  expect(patchParams(params, CLOSED_PARAMS).toString()).toBe('q=a%3Db');
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
