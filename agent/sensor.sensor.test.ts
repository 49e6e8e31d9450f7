import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SyscallEvent } from '../core/events/syscall.ts';
import { type Harness, startHarness } from './testing/sensor-harness.ts';

const run = promisify(execFile);
let h: Harness;

beforeAll(async () => {
  h = await startHarness();
}, 120_000);
afterAll(() => h?.close());

/** The event of this type that `calls NAME` made. */
const madeBy = (name: string, type: string) =>
  h.event((e: SyscallEvent) => e.type === type && e.thread?.exe === h.calls && e.thread.args[0] === name);

test('sees an exec with argv, path, directory, parent, user and exe facts', async () => {
  await h.call('nothing', 'two words', '');
  const { thread, args, argText } = await madeBy('nothing', 'execve');
  expect(thread?.args).toEqual(['nothing', 'two words', '']);
  expect(thread).toMatchObject({
    comm: 'calls',
    exepath: h.calls,
    cwd: h.dir,
    uid: 0,
    user: 'root',
    exeWritable: true,
    exeFromMemfd: false,
    vpid: thread?.pid,
    ppid: process.pid,
  });
  expect(thread?.parent?.pid).toBe(process.pid);
  expect(thread?.exeIno).toBeGreaterThan(0n);
  expect(thread?.capEffective).toBeGreaterThan(0n);
  expect(args).toMatchObject({ res: 0, exe: h.calls, filename: h.calls, trusted_exepath: h.calls });
  expect(argText.flags).toBe('EXE_WRITABLE');
});

test('stamps events with wall-clock time', async () => {
  const before = BigInt(Date.now()) * 1_000_000n;
  await h.call('exit', '0');
  const event = await madeBy('exit', 'execve');
  const after = BigInt(Date.now()) * 1_000_000n;
  const slack = 20_000_000n;
  expect(event.timeNs).toBeGreaterThan(before - slack);
  expect(event.timeNs).toBeLessThan(after + slack);
});

test('reports exit codes and signals of processes', async () => {
  await run(h.calls, ['exit', '7']).catch(() => undefined);
  const coded = await h.event((e) => e.type === 'procexit' && e.args.ret === 7);
  expect(coded.thread?.args).toEqual(['exit', '7']);
  expect(coded.args).toMatchObject({ sig: 0, core: 0 });
  await h.call('ptrace');
  const killed = await h.event(
    (e) => e.type === 'procexit' && e.thread?.args[0] === 'ptrace' && e.args.sig === 9,
  );
  expect(killed.args.ret).toBe(0);
});

test('cuts an argv beyond 4 KiB and goes on', async () => {
  await h.call('nothing', 'x'.repeat(9_000), 'end');
  const event = await h.event((e) => e.type === 'execve' && (e.thread?.args[1]?.length ?? 0) > 3_000);
  expect(event.thread?.args.join(' ').length).toBeLessThanOrEqual(4_096);
});

test('tells a script from its interpreter', async () => {
  const script = join(h.dir, 'script.sh');
  await writeFile(script, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  await run(script, ['arg']);
  const event = await h.event((e) => e.type === 'execve' && e.args.filename === script);
  expect(event.thread?.args).toEqual([script, 'arg']);
  expect(event.thread?.exepath).toMatch(/^\/(usr\/)?bin\/(da)?sh$/);
});

test('marks a program that runs from a memfd', async () => {
  await h.call('memfd');
  const made = await madeBy('memfd', 'memfd_create');
  expect(made.args).toMatchObject({ name: 'payload', flags: 1 });
  expect(made.argText.flags).toBe('MFD_CLOEXEC');
  expect(made.fd?.typechar).toBe('m');
  const ran = await h.event((e) => e.type === 'execve' && e.thread?.exe === 'from-memfd');
  expect(ran.thread?.exeFromMemfd).toBe(true);
  expect(ran.thread?.exepath).toBe('/memfd:payload');
});

test('follows a process that renames itself', async () => {
  await h.call('comm', '/etc/hostname');
  const event = await h.event((e) => e.type === 'open' && e.thread?.comm === 'renamed');
  expect(event.fd?.name).toBe('/etc/hostname');
});

test('knows processes that ran before the probe', async () => {
  await h.call('exit', '0');
  const event = await madeBy('exit', 'execve');
  const own = event.thread?.parent;
  expect(own?.exepath).toBe(process.execPath);
  expect(own?.args.length).toBeGreaterThan(0);
  expect(own?.cwd).toBe(process.cwd());
  expect(own?.parent).toBeDefined();
});

test('leaves out its own process and the probe', async () => {
  await writeFile(join(h.dir, 'own'), 'x');
  await h.call('nothing', 'after own write');
  await h.event((e) => e.type === 'procexit' && e.thread?.args[1] === 'after own write');
  expect(h.events.filter((e) => e.thread?.pid === process.pid && e.type.startsWith('open'))).toEqual([]);
});

test('loses nothing in normal running and decodes every frame', () => {
  expect(h.sensor.counters()).toMatchObject({
    probe_dropped: 0,
    undecodable: 0,
    oversize_frames: 0,
    skipped_bytes: 0,
    probe_faults: 0,
  });
  expect(h.gaps).toEqual([]);
});
