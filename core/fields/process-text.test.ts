import { expect, test } from 'vitest';
import type { ThreadInfo } from '../events/syscall.ts';
import { ancestor, leader } from './process-text.ts';

const process = (comm: string, tid: number, sid: number, parent?: ThreadInfo, vtid = tid): ThreadInfo =>
  ({ comm, tid, pid: tid, vtid, vpid: vtid, sid, parent }) as unknown as ThreadInfo;

const systemd = process('systemd', 1, 1);
const shell = process('bash', 50, 50, systemd);
const child = process('cat', 51, 50, shell);

test('without a table the leader is the oldest ancestor of the same session', () => {
  expect(leader(child, 'sid', {})).toBe(shell);
});

test('a capture finds the leader by its number, also when it is no ancestor', () => {
  const orphan = process('cat', 51, 50, systemd);
  const table = { get: (tid: number) => (tid === 50 ? shell : undefined) };
  expect(leader(orphan, 'sid', { merged: true, table })).toBe(shell);
});

test('a session number of another pid namespace is no thread number today, and is one in sysdig 0.29.3', () => {
  const inside = process('sh', 900, 1, process('runc', 890, 890), 1);
  const table = { get: (tid: number) => (tid === 1 ? systemd : undefined) };
  expect(leader(inside, 'sid', { merged: true, table })).toBe(inside);
  expect(leader(inside, 'sid', { merged: false, table })).toBe(systemd);
});

test('ancestor 0 of a thread is its process', () => {
  const thread = { ...process('gmain', 60, 50), leader: shell } as unknown as ThreadInfo;
  expect(ancestor(thread, 0)).toBe(shell);
  expect(ancestor(thread, 1)).toBe(systemd);
});
