import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AgentCommand } from '../../core/wire/commands.ts';
import { makeEvent } from '../../prisma/seed/make-event.ts';
import { buildPidfdKill } from './build-pidfd-kill.ts';
import type { Executor } from './command-runner.ts';
import { makeExecutors } from './executors.ts';
import { findFreezer } from './freezer.ts';
import { Proc } from './proc.ts';
import { RecentEvents } from './recent-events.ts';

const NO: Executor = { able: () => ({ available: false }), run: async () => ({ summary: '' }) };
const podUid = randomUUID();
const containerId = randomBytes(32).toString('hex');
const CGROUP = `/kubepods/burstable/pod${podUid}/${containerId}`;
const POD = { kind: 'pod', namespace: 'shop', name: 'web-1' } as const;

const MOUNTS = readFileSync('/proc/self/mounts', 'utf8').split('\n');
const mounted = (type: string) =>
  findFreezer(MOUNTS.filter((line) => line.split(' ')[2] === type).join('\n'));
/** A hybrid node has both, and each is tried by itself. */
const HIERARCHIES = [mounted('cgroup'), mounted('cgroup2')].filter((one) => one !== undefined);

describe.each(HIERARCHIES)('with cgroup v$version', (hierarchy) => {
  let dir: string;
  let helper: string;
  let made: ReturnType<typeof makeExecutors>;
  const roots = [hierarchy.root];
  const recent = new RecentEvents();
  const proc = new Proc();

  const startExecutors = () =>
    makeExecutors({
      node: 'n1',
      dir,
      recent,
      pidfdKill: helper,
      record: NO,
      log: () => undefined,
      logsDir: join(dir, 'pods'),
      hierarchy,
    });

  /** A shell in the container's cgroups that counts into a file, with one child that does the same. */
  async function startContainer(): Promise<{
    child: ChildProcess;
    ticks: () => number;
    grandchild: () => number;
  }> {
    const file = join(dir, randomUUID());
    const script = `read go; (while :; do echo x >>${file}.b; sleep 0.02; done) & echo $! >${file}.pid; while :; do echo x >>${file}; sleep 0.02; done`;
    const env = { PATH: '/usr/bin:/bin', API_TOKEN: 'hunter2-secret' };
    const child = spawn('/bin/sh', ['-c', script], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: env as unknown as NodeJS.ProcessEnv,
    });
    for (const root of roots) writeFileSync(join(root, CGROUP, 'cgroup.procs'), String(child.pid));
    child.stdin?.end('go\n');
    const ticks = () =>
      (existsSync(file) ? readFileSync(file).length : 0) +
      (existsSync(`${file}.b`) ? readFileSync(`${file}.b`).length : 0);
    await expect.poll(ticks).toBeGreaterThan(4);
    return { child, ticks, grandchild: () => Number(readFileSync(`${file}.pid`, 'utf8')) };
  }

  const seen = (pid: number | undefined) =>
    ({ kind: 'process', node: 'n1', pid: pid ?? 0, seenAt: new Date().toISOString() }) as const;

  async function run(kind: AgentCommand['kind'], change: Partial<AgentCommand> = {}) {
    const id = randomUUID();
    const own = join(dir, id);
    mkdirSync(own);
    const command: AgentCommand = {
      ...{
        id,
        kind,
        target: POD,
        params: {},
        scope: { podUid, containerIds: [] },
        undoOf: null,
        remainingMs: 30_000,
      },
      ...change,
    };
    const outcome = await made.executors[kind].run({
      command,
      dir: own,
      signal: AbortSignal.timeout(30_000),
    });
    return { id, ...outcome };
  }

  /** Counts over a stretch in which a running loop makes some ten steps. */
  async function progress(ticks: () => number): Promise<number> {
    const before = ticks();
    await new Promise((resolve) => setTimeout(resolve, 250));
    return ticks() - before;
  }

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'eyrie-commands-'));
    helper = await buildPidfdKill(join(dir, 'bin'));
    for (const root of roots) mkdirSync(join(root, CGROUP), { recursive: true });
    made = startExecutors();
  });
  afterAll(() => {
    made.stop();
    for (const root of roots) {
      for (const at of [CGROUP, `/kubepods/burstable/pod${podUid}`]) rmdirSync(join(root, at));
    }
    rmSync(dir, { recursive: true, force: true });
  });

  const running: ChildProcess[] = [];
  beforeEach(() => async () => {
    for (const child of running.splice(0)) {
      const isRunning = child.exitCode === null && child.signalCode === null;
      const exit = isRunning ? new Promise((resolve) => child.once('exit', resolve)) : undefined;
      // Some end while others are looked at.
      for (const { pid } of proc.all().filter((entry) => entry.podUid === podUid))
        spawnSync('kill', ['-9', String(pid)]);
      await exit;
      // /proc shows a process that is ending in the root group; the kernel counts it in its own until it is gone.
      const left = () =>
        roots.map((root) => readFileSync(join(root, CGROUP, 'cgroup.procs'), 'utf8')).join('');
      await expect.poll(left).toBe('');
    }
  });
  const container = async () => {
    const one = await startContainer();
    running.push(one.child);
    return one;
  };

  it('as root everything but a capture is available', () => {
    const able = Object.entries(made.executors).map(([kind, { able }]) => [kind, able().available]);
    expect(able.filter(([, available]) => !available)).toEqual([['record_capture', false]]);
  });

  describe('evidence of a pod', () => {
    it('holds processes, files, logs and events with their hashes, and no value of the environment', async () => {
      const { child } = await container();
      const logs = join(dir, 'pods', `shop_web-1_${podUid}`, 'app');
      mkdirSync(logs, { recursive: true });
      writeFileSync(join(logs, '0.log'), `2026-01-01T00:00:00Z stdout F hello from the app\n`);
      recent.push(makeEvent({ namespace: 'shop', pod: 'web-1', summary: 'seen by the sensor' }));
      recent.push(makeEvent({ namespace: 'shop', pod: 'other' }));
      const { file, summary } = await run('collect_evidence');
      expect(summary).toMatch(/^\d+ processes, 1 log, 1 event in/);
      const out = join(dir, 'out');
      mkdirSync(out);
      execFileSync('tar', ['-xzf', file ?? '', '-C', out]);
      const names = execFileSync('tar', ['-tzf', file ?? '']).toString();
      for (const name of ['status', 'maps', 'environ-names', 'fds', 'exe.sha256'])
        expect(names).toContain(`proc/${child.pid}/${name}`);
      const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
      const sums = manifest.files
        .map((one: { path: string; sha256: string }) => `${one.sha256}  ${one.path}`)
        .join('\n');
      writeFileSync(join(out, 'sums'), `${sums}\n`);
      expect(() => execFileSync('sha256sum', ['-c', '--quiet', 'sums'], { cwd: out })).not.toThrow();
      expect(readFileSync(join(out, `proc/${child.pid}/environ-names`), 'utf8')).toContain(
        'API_TOKEN=<redacted>',
      );
      const leaked = spawnSync('grep', ['-rl', 'hunter2', out], { encoding: 'utf8' });
      expect([leaked.stdout, leaked.status]).toEqual(['', 1]);
    });
  });

  describe('freeze', () => {
    it('stops every process of a container, and thaw lets them go on', async () => {
      const { ticks } = await container();
      const { id, summary } = await run('freeze', { params: { seconds: 600 } });
      expect(summary).toMatch(/processes are frozen until/);
      expect(await progress(ticks)).toBe(0);
      expect((await run('thaw', { undoOf: id })).summary).toBe('The processes go on.');
      expect(await progress(ticks)).toBeGreaterThan(0);
      expect((await run('thaw', { undoOf: id })).summary).toBe('It was not frozen any more.');
    });

    it('stops one process tree alone, and puts it back where it was', async () => {
      const [one, other] = [await container(), await container()];
      const { id } = await run('freeze', { target: seen(one.child.pid), params: { seconds: 600 } });
      expect([await progress(one.ticks), (await progress(other.ticks)) > 0]).toEqual([0, true]);
      await run('thaw', { target: seen(one.child.pid), undoOf: id });
      expect(await progress(one.ticks)).toBeGreaterThan(0);
      expect([...proc.cgroups(one.child.pid ?? 0).values()]).toContain(CGROUP);
    });

    it('ends by itself at its time, also when the agent was restarted meanwhile', async () => {
      const { ticks } = await container();
      await run('freeze', { params: { seconds: 2 } });
      made.stop();
      expect(await progress(ticks)).toBe(0);
      made = startExecutors();
      await expect.poll(() => progress(ticks), { timeout: 10_000 }).toBeGreaterThan(0);
    });

    it('refuses the first process, the agent and what it runs under', async () => {
      await expect(run('freeze', { target: seen(1) })).rejects.toThrow('protected');
      await expect(run('freeze', { target: seen(process.pid) })).rejects.toThrow('it is the agent');
    });
  });

  describe('kill', () => {
    it('ends a process tree and nothing beside it', async () => {
      const [one, other] = [await container(), await container()];
      const exit = new Promise((resolve) => one.child.once('exit', (_, signal) => resolve(signal)));
      const grandchild = one.grandchild();
      const { summary } = await run('kill', { target: seen(one.child.pid) });
      expect(summary).toContain(`${one.child.pid} sh`);
      expect(await exit).toBe('SIGKILL');
      await expect.poll(() => proc.read(grandchild)?.state ?? 'gone').toMatch(/gone|Z/);
      expect(await progress(other.ticks)).toBeGreaterThan(0);
    });

    it('leaves a later process with the same number alone', async () => {
      const { child } = await container();
      const earlier = { ...seen(child.pid), seenAt: new Date(Date.now() - 3_600_000).toISOString() };
      await expect(run('kill', { target: earlier })).rejects.toThrow('is another one by now');
      const ticks = proc.read(child.pid ?? 0)?.startTicks ?? 0;
      expect(() => execFileSync(helper, ['KILL', String(child.pid), String(ticks + 1)])).toThrow();
      expect(proc.read(child.pid ?? 0)?.startTicks).toBe(ticks);
    });

    it.each([1, process.pid, process.ppid])('refuses process %i', async (pid) => {
      await expect(run('kill', { target: seen(pid) })).rejects.toThrow('protected');
    });
  });
});
