import { existsSync } from 'node:fs';
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

test.each([
  ['fork', ''],
  ['vfork', ''],
  ['clone3', 'CLONE_FILES'],
])('tells a child by %s from one by another call', async (call, flags) => {
  await h.call('child', call);
  const event = await h.event(
    (e) => e.type === call && e.thread?.exe === h.calls && e.thread.args[1] === call,
  );
  expect(event.res).toBeGreaterThan(0);
  expect(event.argText.flags).toBe(flags);
});

test('sees an exec with its environment, process group and the times of its file', async () => {
  await h.call('nothing');
  const { thread, args } = await made('nothing', 'execve');
  expect(thread?.env.some((entry) => entry.startsWith('PATH='))).toBe(true);
  expect(thread?.pgid).toBeGreaterThan(0);
  expect(thread?.exeInoMtime).toBeGreaterThan(1_700_000_000_000_000_000n);
  expect(thread?.pidnsInitStartTs).toBeLessThan(thread?.cloneTsNs ?? 0n);
  expect(args.exe_ino_ctime).toBe(thread?.exeInoCtime);
});

test('sees what capset asks for', async () => {
  await h.call('capset');
  expect((await made('capset', 'capset')).args).toMatchObject({ res: 0, cap_permitted: 1, cap_effective: 1 });
  const end = await h.event((e) => e.type === 'procexit' && e.thread?.args[0] === 'capset');
  expect(end.thread).toMatchObject({ capPermitted: 1n, capEffective: 1n, capInheritable: 0n });
});

test('sees sockets, pipes and rings by their own words', async () => {
  await h.call('packet');
  const packet = await made('packet', 'socket');
  expect(packet.argText.domain).toBe('AF_PACKET');
  expect(packet.args.fd).toBe(packet.res);
  await h.call('pipe2');
  const pipe = await made('pipe2', 'pipe2');
  expect(Number(pipe.args.fd2)).toBeGreaterThan(Number(pipe.args.fd1));
  expect(pipe.argText.flags).toBe('O_CLOEXEC');
  await h.call('io_uring');
  const ring = await made('io_uring', 'io_uring_setup');
  expect(ring.args).toMatchObject({ entries: 4, sq_entries: 4 });
  expect(ring.argText.flags).toContain('IORING_SETUP_CLAMP');
});

test.runIf(process.arch === 'x64')(
  'says whether 32-bit calls, which it does not see, are possible',
  async () => {
    const dir = join(h.dir, 'made');
    await mkdir(dir);
    const isPossible = await h.call('rmdir32', dir).then(
      () => true,
      () => false,
    );
    expect(existsSync(dir)).toBe(!isPossible);
    expect(h.sensor.hello.calls32).toBe(isPossible);
    const end = await made('rmdir32', 'procexit');
    expect(h.events.filter((e) => e.type === 'rmdir' && e.tid === end.tid)).toEqual([]);
  },
);

test('sees memory of a process being read, and signals to a thread', async () => {
  await h.call('peek');
  const peek = await made('peek', 'process_vm_readv');
  expect(peek.args).toMatchObject({ res: 8, pid: peek.thread?.pid });
  await h.call('tgkill');
  const signal = await made('tgkill', 'tgkill');
  expect(signal.args).toEqual({ res: 0, pid: signal.thread?.pid, tid: signal.tid, sig: 0 });
});

test('sees the other calls that move mounts, and a name a program gives itself', async () => {
  await h.call('mounts', '/nowhere', '/nowhere/old');
  expect((await made('mounts', 'pivot_root')).args).toMatchObject({
    new_root: '/nowhere',
    put_old: '/nowhere/old',
  });
  expect((await made('mounts', 'move_mount')).args).toMatchObject({ from_pathname: '/nowhere' });
  await h.call('comm', '/etc/hostname');
  const prctl = await made('comm', 'prctl');
  expect(prctl.argText.option).toBe('PR_SET_NAME');
  expect(prctl.args.arg2_str).toBe('renamed');
});
