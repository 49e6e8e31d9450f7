import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Spool } from '../../spool/spool.ts';
import { spooledItems } from '../testing/spooled-items.ts';
import { findHierarchy } from './cgroups.ts';
import { Resources } from './resources.ts';

const hierarchy = findHierarchy();

/** Real cgroups of the running kernel, in the place and form of a container's. */
describe.runIf(hierarchy !== undefined)('Resources on this kernel', () => {
  const { version, memory, pids = '', cpu = '' } = hierarchy ?? { version: 1, memory: '' };
  let dir: string;
  let id: string;
  let path: string;
  let spool: Spool;
  let resources: Resources;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'resources-'));
    id = randomBytes(32).toString('hex');
    path = `eyrie-test/pod${randomBytes(16).toString('hex')}/${id}`;
    for (const root of new Set([memory, pids, cpu])) {
      mkdirSync(join(root, path), { recursive: true });
      if (version === 2)
        for (const at of [root, join(root, 'eyrie-test'), join(root, dirname(path))]) delegate(at);
    }
    spool = open();
    resources = start();
  });
  afterEach(() => {
    resources.close();
    spool.close();
    rmSync(dir, { recursive: true });
    for (const root of new Set([memory, pids, cpu])) {
      rmdirSync(join(root, path));
      rmdirSync(dirname(join(root, path)));
      rmdirSync(join(root, 'eyrie-test'));
    }
  });

  const delegate = (at: string) => writeFileSync(join(at, 'cgroup.subtree_control'), '+memory +pids +cpu');
  const open = () => new Spool({ dir: join(dir, 'spool'), fsync: { kind: 'never' } });
  const start = () =>
    new Resources({
      node: 'n1',
      spool,
      containerOf: () => undefined,
      nowMs: Date.now,
      onError: (message) => {
        throw new Error(message);
      },
      paths: [dir],
    });
  const events = () =>
    spooledItems(spool).flatMap((item) => (item.k === 'event' && item.containerId === id ? [item] : []));
  const limit = (root: string, name: string, value: string) => writeFileSync(join(root, path, name), value);
  /** A shell that enters the cgroups before it does anything else. */
  const inside = (roots: readonly string[], script: string) =>
    spawnSync('sh', [
      '-c',
      `${roots.map((root) => `echo $$ > ${join(root, path)}/cgroup.procs`).join(' && ')} && ${script}`,
    ]);

  it('names the process that the kernel killed for memory, also when its cgroup is gone before the look', async () => {
    await resources.look();
    limit(memory, version === 1 ? 'memory.limit_in_bytes' : 'memory.max', String(16 * 1024 * 1024));
    inside([memory], 'tail /dev/zero');
    for (const root of new Set([memory])) {
      rmdirSync(join(root, path));
      await resources.look();
      mkdirSync(join(root, path));
    }
    expect(events()).toMatchObject([
      {
        type: 'oom_kill',
        process: 'tail',
        categories: ['resource_exhaustion'],
        object: `/${path}`,
        priority: 4,
      },
    ]);
    expect(Math.abs(Number(BigInt(events()[0]?.timeNs ?? 0) / 1_000_000n) - Date.now())).toBeLessThan(10_000);
    resources.close();
    spool.close();
    spool = open();
    resources = start();
    await resources.look();
    expect(events()).toHaveLength(1);
  });

  it('tells forks that the pids limit refused', async () => {
    await resources.look();
    limit(pids, 'pids.max', '4');
    inside([pids], 'for i in 1 2 3 4 5 6; do sleep 0.1 & done; wait');
    await resources.look();
    expect(events().map(({ type }) => type)).toContain('pids_limit');
  });

  it('tells a process that asks for more CPU than its quota gives', async () => {
    await resources.look();
    if (version === 1) limit(cpu, 'cpu.cfs_quota_us', '5000');
    else limit(cpu, 'cpu.max', '5000 100000');
    const busy = spawn('sh', ['-c', `echo $$ > ${join(cpu, path)}/cgroup.procs && while :; do :; done`]);
    const throttled = () =>
      Number(/nr_throttled (\d+)/.exec(execFileSync('cat', [join(cpu, path, 'cpu.stat')]).toString())?.[1]);
    await expect.poll(throttled, { interval: 100, timeout: 30_000 }).toBeGreaterThan(55);
    await resources.look();
    const ended = new Promise((resolve) => busy.once('close', resolve));
    busy.kill('SIGKILL');
    await ended;
    expect(events()).toMatchObject([{ type: 'cpu_throttled', fields: { 'resource.limit': 0.5 } }]);
  });
});
