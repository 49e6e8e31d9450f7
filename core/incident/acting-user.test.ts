import { expect, test } from 'vitest';
import { actingUsers, type EntryProcess, type ExecRequest } from './acting-user.ts';

const request = (change: Partial<ExecRequest> = {}): ExecRequest => ({
  audit: '1.a@t',
  timeMs: 100_000,
  user: 'mallory',
  groups: ['dev'],
  ip: '10.0.0.9',
  namespace: 'shop',
  pod: 'web-1',
  container: 'app',
  command: 'sh -c id',
  ...change,
});
const entry = (change: Partial<EntryProcess> = {}): EntryProcess => ({
  containerId: 'c',
  pid: 7,
  timeNs: '0',
  timeMs: 100_150,
  namespace: 'shop',
  pod: 'web-1',
  container: 'app',
  cmdline: 'sh -c id',
  ...change,
});
const confidences = (requests: ExecRequest[], entries: EntryProcess[]) =>
  actingUsers(requests, entries).map((found) => found && `${found.user} ${found.confidence}`);

test('is sure of one process with the same command within two seconds', () => {
  expect(actingUsers([request()], [entry()])).toEqual([
    { audit: '1.a@t', user: 'mallory', groups: ['dev'], ip: '10.0.0.9', confidence: 'high' },
  ]);
  expect(confidences([request({ container: null })], [entry({ container: null })])).toEqual(['mallory high']);
});

test.each<[string, Partial<EntryProcess>]>([
  ['another pod', { pod: 'web-2' }],
  ['another namespace', { namespace: 'data' }],
  ['another container', { container: 'side' }],
  ['long before', { timeMs: 97_000 }],
  ['long after', { timeMs: 111_000 }],
])('has no user for a process of %s', (_, change) => {
  expect(confidences([request()], [entry(change)])).toEqual([undefined]);
});

test('is less sure when it took long, when there are more processes than requests, or two users asked', () => {
  expect(confidences([request()], [entry({ timeMs: 105_000 })])).toEqual(['mallory medium']);
  expect(confidences([request()], [entry(), entry({ pid: 8 })])).toEqual([
    'mallory medium',
    'mallory medium',
  ]);
  const other = request({ user: 'alice', timeMs: 100_100, audit: '1.b@t' });
  expect(confidences([request(), other], [entry(), entry({ pid: 8, timeMs: 100_200 })])).toEqual([
    'alice medium',
    'alice medium',
  ]);
});

test('is sure of one user who asked twice', () => {
  const twice = [request(), request({ timeMs: 101_000, audit: '1.b@t' })];
  const found = actingUsers(twice, [entry(), entry({ pid: 8, timeMs: 101_100 })]);
  expect(found.map((one) => [one?.audit, one?.confidence])).toEqual([
    ['1.a@t', 'high'],
    ['1.b@t', 'high'],
  ]);
});

test('guesses by time alone only while the process of the request was not seen', () => {
  const probe = entry({ pid: 8, cmdline: '/bin/health' });
  expect(confidences([request()], [probe])).toEqual(['mallory low']);
  expect(confidences([request()], [probe, entry()])).toEqual([undefined, 'mallory high']);
  expect(confidences([request({ command: null })], [probe])).toEqual(['mallory low']);
  expect(confidences([request()], [entry({ cmdline: '/bin/health', timeMs: 103_000 })])).toEqual([undefined]);
});

test('compares as much of a long command as was read', () => {
  const command = `sh -c ${'x'.repeat(9_000)}`;
  expect(confidences([request({ command })], [entry({ cmdline: command.slice(0, 4_096) })])).toEqual([
    'mallory high',
  ]);
});
