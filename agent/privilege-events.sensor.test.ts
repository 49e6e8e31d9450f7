import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Harness, startHarness } from './testing/sensor-harness.ts';

let h: Harness;

beforeAll(async () => {
  h = await startHarness();
}, 120_000);
afterAll(() => h?.close());

const made = (name: string, type: string) =>
  h.event((e) => e.type === type && e.thread?.exe === h.calls && e.thread.args[0] === name);

test('sees setuid, and the process counts as the new user afterwards', async () => {
  await h.call('setuid', '65534');
  const event = await made('setuid', 'setuid');
  expect(event.args).toEqual({ res: 0, uid: 65534 });
  expect(event.thread).toMatchObject({ uid: 65534, user: 'nobody' });
});

test('sees all three ids of setresgid', async () => {
  await h.call('setresgid');
  expect((await made('setresgid', 'setresgid')).args).toEqual({ res: 0, rgid: 1, egid: 2, sgid: 3 });
});

test('sees setns and unshare with namespace kinds by name', async () => {
  await h.call('setns');
  expect((await made('setns', 'setns')).argText.nstype).toBe('CLONE_NEWUTS');
  await h.call('unshare');
  const event = await made('unshare', 'unshare');
  expect(event.argText.flags).toBe('CLONE_NEWNS|CLONE_NEWUTS');
  expect(event.args.flags).toBe(160);
});

test('sees mount with source, target, type and flags, and umount', async () => {
  const target = join(h.dir, 'mnt');
  await mkdir(target);
  await h.call('mount', target);
  const event = await h.event((e) => e.type === 'mount' && e.args.dev === 'eyrie-test');
  expect(event.args).toMatchObject({ res: 0, dir: target, type: 'tmpfs', flags: 6 });
  expect(event.argText.flags).toBe('NOSUID|NODEV');
  expect((await made('mount', 'umount2')).args).toMatchObject({ name: target });
});

test('sees who traces whom', async () => {
  const child = Number(await h.call('ptrace'));
  const event = await made('ptrace', 'ptrace');
  expect(event.args).toMatchObject({ res: 0, pid: child });
  expect(event.argText.request).toBe('PTRACE_SEIZE');
});
