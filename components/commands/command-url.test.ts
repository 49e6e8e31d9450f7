import { expect, test } from 'vitest';
import { patchParams } from '../shell/url-params.ts';
import { CLOSED, commandParams, readCommandUrl, readRunUrl, runParams } from './command-url.ts';

const targets = [
  { kind: 'record_capture', target: { kind: 'node', name: 'Worker_1.example' } },
  { kind: 'freeze', target: { kind: 'pod', namespace: 'shop', name: 'web-1' } },
  { kind: 'kill', target: { kind: 'process', node: 'n1', pid: 77, seenAt: '2026-01-01T00:00:00.000Z' } },
] as const;

test.each(targets)('reopens what it wrote for $kind and keeps the rest of the URL', (one) => {
  const ask = { ...one, incidentId: 7, undoOf: undefined };
  const params = patchParams(new URLSearchParams('q=a%3Db'), commandParams(ask));
  expect(readCommandUrl(params)).toEqual(ask);
  expect(patchParams(params, CLOSED).toString()).toBe('q=a%3Db');
});

test('the progress of a command takes the place of its preview', () => {
  const id = '0190a5a0-0000-7000-8000-000000000001';
  const params = patchParams(new URLSearchParams('command=kill&on=node/n1'), runParams(id));
  expect([readRunUrl(params), readCommandUrl(params)]).toEqual([id, undefined]);
});

test.each([
  'command=kill&on=node/n1',
  'command=freeze&on=node/n1',
  'command=freeze&on=pod/a/b/c',
  'command=kill&on=process/n1/0/2026-01-01T00:00:00.000Z',
  'command=kill&on=process/n1/7/yesterday',
  'command=other&on=node/n1',
  'command=process_snapshot&on=node/../x',
  'command=process_snapshot',
])('refuses ?%s', (search) => {
  expect(readCommandUrl(new URLSearchParams(search))).toBeUndefined();
});
