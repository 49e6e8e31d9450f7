import { expect, test } from 'vitest';
import type { ContainerInfo } from '../../core/events/syscall.ts';
import type { RawBase, RawExec } from '../decode/raw.ts';
import { ProcessTree } from './processes.ts';

const SECOND = 1_000_000_000n;

function tree() {
  return new ProcessTree({
    proc: { pids: () => [], read: () => undefined, cmdline: () => [], cgroup: () => '' },
    users: { userName: (uid) => (uid === 0 ? 'root' : undefined), groupName: () => undefined },
    wallOffsetNs: () => 0n,
    cgroupPath: () => '/',
    containerOf: () => undefined,
  });
}

const base = (pid: number, more: Partial<RawBase> = {}): RawBase => ({
  ktimeNs: SECOND,
  cpu: 0,
  cgroupId: 1,
  res: 0,
  pid,
  tid: pid,
  uid: 0,
  comm: `p${pid}`,
  incomplete: false,
  ...more,
});

const exec = (pid: number, ppid: number, argv: readonly string[]): RawExec => ({
  ...base(pid),
  kind: 'exec',
  snapshot: false,
  argv,
  env: [],
  filename: argv[0] ?? '',
  exepath: `/bin/${argv[0]}`,
  cwd: '/',
  startNs: 0n,
  capPermitted: 0n,
  capEffective: 0n,
  capInheritable: 0n,
  exeIno: 1n,
  exeCtimeNs: 0n,
  exeMtimeNs: 0n,
  pidnsStartNs: 0n,
  ppid,
  sid: 1,
  vpid: pid,
  vpgid: pid,
  pgid: pid,
  gid: 0,
  loginuid: -1,
  tty: 0,
  exeFlags: 1,
});

const fork = (pid: number, childPid: number, ktimeNs = SECOND) => ({
  ...base(pid, { ktimeNs, comm: `p${pid}` }),
  kind: 'fork' as const,
  startNs: ktimeNs,
  childPid,
  childVpid: childPid,
  childPpid: pid,
  call: 'clone' as const,
  cloneFlags: 0,
});

test('a child begins as its parent and becomes another program by exec', () => {
  const t = tree();
  t.exec(exec(10, 1, ['sh', '-c', 'x']));
  const child = t.fork(fork(10, 11));
  expect(child).toMatchObject({ pid: 11, ppid: 10, exe: 'sh', args: ['-c', 'x'] });
  t.exec(exec(11, 10, ['id']));
  expect(t.get(11)).toMatchObject({ exe: 'id', args: [] });
  expect(t.get(11)?.parent).toBe(t.get(10));
});

test('counts every change that a field can show, of any process: ancestors show in fields too', () => {
  const t = tree();
  const thread = t.exec(exec(10, 1, ['sh']));
  const before = t.changes;
  t.threadOf(base(10, { comm: 'p10' }));
  expect(t.changes).toBe(before);
  t.threadOf(base(10, { comm: 'renamed' }));
  t.threadOf(base(10, { comm: 'renamed', uid: 1000 }));
  expect(t.changes).toBe(before + 2);
  expect(thread).toMatchObject({ comm: 'renamed', uid: 1000, user: undefined });
  t.exec(exec(10, 1, ['id']));
  expect(t.changes).toBeGreaterThan(before + 2);
});

test('what a rule engine keeps with a thread stays out of its copies', () => {
  const t = tree();
  t.exec(exec(10, 1, ['sh']));
  const parent = t.get(10);
  if (parent === undefined) throw new Error('no parent');
  parent.memo = { owner: t, version: 1, lists: [] };
  expect(t.fork(fork(10, 11)).memo).toBeUndefined();
  expect(t.threadOf(base(10, { tid: 12, comm: 'pool-1' })).memo).toBeUndefined();
});

test('threads share their process but number and name', () => {
  const t = tree();
  t.exec(exec(10, 1, ['java']));
  const worker = t.threadOf(base(10, { tid: 12, comm: 'pool-1' }));
  expect(worker).toMatchObject({ tid: 12, pid: 10, comm: 'pool-1', exe: 'java' });
  expect(t.threadOf(base(10, { tid: 12, comm: 'pool-1' }))).toBe(worker);
  expect(t.get(10)?.comm).toBe('p10');
});

test('an ended process stays known for 10 seconds', () => {
  const t = tree();
  t.exec(exec(10, 1, ['sh']));
  t.fork(fork(10, 11));
  t.exit({ ...base(10), kind: 'exit' });
  t.exec(exec(11, 1, ['sleep']));
  expect(t.get(10)).toBeDefined();
  t.exec(exec(20, 1, ['late']));
  t.exit({ ...base(20, { ktimeNs: 40n * SECOND }), kind: 'exit' });
  expect(t.get(10)).toBeUndefined();
});

test('keeps some of the ended, however many end at the same time', () => {
  const t = tree();
  t.exec(exec(1, 0, ['sh']));
  for (let pid = 2; pid < 30_000; pid++) {
    t.fork(fork(1, pid));
    t.exit({ ...base(pid), kind: 'exit' });
  }
  expect(t.size).toBeLessThan(300);
  expect(t.get(29_999)).toBeDefined();
  expect(t.get(2)).toBeUndefined();
});

test('a reused number is a new process', () => {
  const t = tree();
  t.exec(exec(10, 1, ['old']));
  t.exit({ ...base(10), kind: 'exit' });
  t.exec(exec(9, 1, ['sh']));
  const child = t.fork(fork(9, 10, 2n * SECOND));
  t.exit({ ...base(9, { ktimeNs: 60n * SECOND }), kind: 'exit' });
  expect(t.get(10)).toBe(child);
});

test('cuts a chain of ancestors that only grows', () => {
  const t = tree();
  t.exec(exec(1, 0, ['init']));
  for (let pid = 1; pid < 500; pid++) t.fork(fork(pid, pid + 1));
  let depth = 0;
  for (let at = t.get(500)?.parent; at !== undefined; at = at.parent) depth++;
  expect(depth).toBeLessThan(64);
});

test('makes something of a process nobody announced', () => {
  const t = tree();
  expect(t.threadOf(base(77, { comm: 'ghost', uid: 5 }))).toMatchObject({ pid: 77, comm: 'ghost', uid: 5 });
  expect(t.counters.unknown_process).toBe(1);
});

test('knows by which program a tree came into its container, also after its parent ended', () => {
  const container = { id: 'c' } as ContainerInfo;
  const processes = new ProcessTree({
    proc: { pids: () => [], read: () => undefined, cmdline: () => [], cgroup: () => '/c' },
    users: { userName: () => undefined, groupName: () => undefined },
    wallOffsetNs: () => 0n,
    cgroupPath: (id) => (id === 1 ? '/' : id === 2 ? '/c' : ''),
    containerOf: (cgroup) => (cgroup === '/c' ? container : undefined),
  });
  const inside = (raw: RawExec, cgroupId = 2): RawExec => ({ ...raw, cgroupId });
  processes.exec(exec(10, 1, ['shim']));
  processes.exec({ ...inside(exec(20, 10, ['server'])), vpid: 1 });
  processes.exec(inside(exec(21, 20, ['worker'])));
  expect(processes.get(21)?.entry).toMatchObject({ pid: 20, vpid: 1, cmdline: 'server' });

  // What a runtime is asked to run comes from outside; its cgroup's announcement may be long ago.
  processes.exec({ ...inside(exec(30, 10, ['sh', '-c', 'id; sleep 9']), 3), ktimeNs: 7n * SECOND });
  const entry = { pid: 30, cmdline: 'sh -c id; sleep 9', timeNs: 7n * SECOND, containerId: 'c' };
  expect(processes.get(30)?.entry).toMatchObject(entry);
  processes.fork({ ...fork(30, 31), cgroupId: 2 });
  processes.exec(inside(exec(31, 20, ['orphan'])));
  processes.exec(inside(exec(30, 10, ['sleep', '9'])));
  expect([processes.get(31)?.entry, processes.get(30)?.entry]).toEqual([
    expect.objectContaining(entry),
    expect.objectContaining(entry),
  ]);
  expect(processes.get(10)?.entry).toBeUndefined();
});
