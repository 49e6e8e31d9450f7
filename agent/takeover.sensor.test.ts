import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startProbeBroker } from './probe/broker.ts';
import { buildProbe } from './probe/build.ts';
import { startHarness } from './testing/sensor-harness.ts';

const run = promisify(execFile);
const WORKLOAD = join(import.meta.dirname, '..', 'bench', 'wl.c');

test('attaches other hooks without losing or doubling an event', async () => {
  const h = await startHarness({ events: ['execve', 'procexit', 'openat'] });
  try {
    expect([...h.sensor.hello.attached].sort()).toEqual(['on_exec', 'on_exit', 'on_fork', 'sys_openat']);
    const wl = join(h.dir, 'wl');
    await run('cc', ['-O2', '-o', wl, WORKLOAD, '-lpthread']);
    // 5,000 opens a second for six seconds, while the hooks change under them.
    const storm = run(wl, ['pace', '30000', '/etc/hostname', '5000']);
    await h.event((e) => e.type === 'execve' && e.thread?.exe === wl);
    await h.sensor.setEvents(['execve', 'procexit', 'openat', 'unlink']);
    await h.sensor.setEvents(['execve', 'procexit', 'openat', 'chmod']);
    await storm;
    await h.event((e) => e.type === 'procexit' && e.thread?.exe === wl);
    const opens = h.events.filter(
      (e) => e.type === 'openat' && e.fd?.name === '/etc/hostname' && e.thread?.exe === wl,
    );
    expect(opens).toHaveLength(30_000);
    expect(opens.every((e, i) => i === 0 || e.timeNs >= (opens[i - 1]?.timeNs ?? 0n))).toBe(true);
    await h.call('unlink', join(h.dir, 'nothing-there')).catch(() => undefined);
    await h.call('chmod', h.calls);
    await h.event((e) => e.type === 'chmod' && e.thread?.exe === h.calls);
    expect(h.events.some((e) => e.type === 'unlink' && e.thread?.exe === h.calls)).toBe(false);
  } finally {
    await h.close();
  }
}, 90_000);

test('lets through what it dropped before, once it is told to', async () => {
  const h = await startHarness({ events: ['open', 'procexit'], probe: { readHost: 'none' } });
  try {
    await h.call('read', '/etc/hostname');
    await h.event((e) => e.type === 'procexit' && e.thread?.args[1] === '/etc/hostname');
    expect(h.events.some((e) => e.type === 'open' && e.thread?.exe === h.calls)).toBe(false);
    await h.sensor.setEvents(['open', 'procexit'], { readHost: 'prefix', prefixes: ['/etc/hostname'] });
    await h.call('read', '/etc/hostname');
    await h.event((e) => e.type === 'open' && e.thread?.exe === h.calls && e.fd?.name === '/etc/hostname');
  } finally {
    await h.close();
  }
}, 60_000);

test('reads a probe that another process started for it', async () => {
  const broker = await startProbeBroker({
    probe: await buildProbe(),
    owner: { uid: 0, gid: 0 },
    readerPid: () => process.pid,
    log: () => undefined,
  });
  const ends: string[] = [];
  const h = await startHarness({ probeSocket: broker.socketPath, onEnd: (reason) => ends.push(reason) });
  try {
    await h.call('nothing', 'asked-for');
    const event = await h.event((e) => e.type === 'execve' && e.thread?.args[1] === 'asked-for');
    expect(event.thread?.parent?.pid).toBe(process.pid);
    process.kill(h.sensor.hello.pid, 'SIGTERM');
    await expect.poll(() => ends, { timeout: 20_000 }).toEqual(['the probe ended']);
  } finally {
    await h.close();
    await broker.stop();
  }
}, 60_000);
