import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { decodeRecord } from '../decode/decode.ts';
import { FrameSplitter } from '../decode/frames.ts';
import {
  EXEC,
  FORK,
  FRAME_BYTES_MAX,
  HEADER,
  KIND,
  MAGIC,
  SOCKET,
  SYSCALL,
  SYSCALL_CODES,
} from '../decode/layout.ts';
import type { Hello } from '../decode/raw.ts';
import { buildProbe } from './build.ts';

const run = promisify(execFile);
let probe: string;

beforeAll(async () => {
  probe = await buildProbe();
}, 120_000);

/** Starts the probe and resolves with its hello; `err` collects what it says on stderr. */
function start(args: readonly string[]) {
  const child = spawn(probe, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const err: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk.toString()));
  const exited = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? signal));
  });
  const hello = new Promise<Hello>((resolve, reject) => {
    const splitter = new FrameSplitter((payload) => {
      const record = decodeRecord(payload);
      if (record?.kind === 'hello') resolve(record.hello);
    });
    child.stdout.on('data', (chunk: Buffer) => splitter.push(chunk));
    exited.then((code) => reject(new Error(`exit ${code}: ${err.join('')}`)));
  });
  return { child, err, exited, hello };
}

test('lays records out as the decoder reads them', async () => {
  const layout = JSON.parse((await run(probe, ['--layout'])).stdout);
  expect(layout).toEqual({
    ev_header: HEADER,
    ev_exec: EXEC,
    ev_fork: FORK,
    ev_syscall: SYSCALL,
    ev_socket: SOCKET,
    syscalls: SYSCALL_CODES,
    kinds: KIND,
    magic: MAGIC,
    frameBytesMax: FRAME_BYTES_MAX,
  });
});

test('attaches only the hooks asked for, and scheduler hooks always', async () => {
  const { child, hello, err, exited } = start(['--events', 'openat,connect']);
  const { attached, missing } = await hello;
  expect([...attached].sort()).toEqual(['on_exec', 'on_exit', 'on_fork', 'sys_connect', 'sys_openat']);
  expect(missing).toEqual([]);
  // The verifier and libbpf had nothing to warn about.
  expect(err.join('')).toBe('');
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
});

test('keeps no capability, no new privileges and no core dumps once it runs', async () => {
  const { child, hello, exited } = start([]);
  await hello;
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  for (const set of ['CapEff', 'CapPrm', 'CapInh', 'CapBnd', 'CapAmb']) {
    expect(status).toMatch(new RegExp(`${set}:\\s*0{16}`));
  }
  expect(status).toMatch(/NoNewPrivs:\s*1/);
  child.kill('SIGTERM');
  await exited;
});

test('ends when nobody reads its output', async () => {
  const { child, hello, exited } = start(['--events', 'connect']);
  await hello;
  child.stdout.destroy();
  expect(await exited).toBe(0);
});

test('ends when its parent dies', async () => {
  // The shell is killed outright; only the parent-death signal can tell the probe.
  const shell = spawn('/bin/sh', ['-c', '"$0" --events connect & echo $!; wait', probe], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const pid = await new Promise<number>((resolve) => {
    shell.stdout.on('data', (chunk: Buffer) => {
      const line = /^(\d+)\n/.exec(chunk.toString('latin1'));
      if (line) resolve(Number(line[1]));
    });
  });
  const attached = () =>
    existsSync(`/proc/${pid}`) && /NoNewPrivs:\s*1/.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  await expect.poll(attached, { timeout: 10_000 }).toBe(true);
  shell.kill('SIGKILL');
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
});

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test.each([
  [['--events', 'read'], /unknown event "read"/],
  [['--buffer-mib', '3'], /bad value "3"/],
  [['--prefix', 'relative'], /bad value "relative"/],
  [['--read-host', 'some'], /bad value "some"/],
  [['--skip-pid', '-1'], /bad value "-1"/],
  [['extra'], /unexpected "extra"/],
])('refuses %j', async (args, message) => {
  const { hello, exited } = start(args);
  await expect(hello).rejects.toThrow(message);
  expect(await exited).toBe(2);
});
