import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { SyscallEvent, ThreadInfo } from '../core/events/syscall.ts';
import { loadRules } from '../core/rules/load.ts';
import type { Ruleset } from '../core/rules/ruleset.ts';
import { CORPUS, HAS_CORPUS } from '../rulesets/cases/corpus.ts';
import { asOpened } from './detect/detector.ts';
import { kernelNeeds } from './detect/kernel-needs.ts';
import { type PodApi, startPodApi } from './testing/pod-api.ts';
import { type Harness, startHarness } from './testing/sensor-harness.ts';
import { makeCgroup, type TestCgroup } from './testing/test-cgroup.ts';
import { INCUBATING, SANDBOX, SILENT, STABLE, type UpstreamCase } from './testing/upstream-cases.ts';

const FILES = ['falco_rules.yaml', 'falco-incubating_rules.yaml', 'falco-sandbox_rules.yaml'];
const CASES = [...STABLE, ...INCUBATING, ...SANDBOX];
/** What upstream leaves for its users to fill in; nothing of a condition is changed. */
const SITE = `
- list: namespace_scope_network_only_subnet
  items: [test]
- macro: allowed_containers
  condition: (never_true)
`;
const AT_ONCE = 4;

let h: Harness;
let api: PodApi;
let dir: string;
let ruleset: Ruleset;
const cgroups = new Map<string, TestCgroup>();
const root = `/eyrie-rules-${randomBytes(4).toString('hex')}`;
const shm = `/dev/shm/eyrie-${randomBytes(4).toString('hex')}`;
/** Case and role → names of the rules that its events satisfied. */
const fired = new Map<string, Set<string>>();

describe.skipIf(!HAS_CORPUS)('upstream rules', () => {
  beforeAll(async () => {
    ruleset = loadUpstream();
    dir = await mkdtemp(join(tmpdir(), 'eyrie-pods-'));
    api = await startPodApi(dir);
    const needs = kernelNeeds(ruleset, 'off');
    h = await startHarness({
      kube: { kubeconfig: api.kubeconfig, nodeName: 'test-node' },
      events: [...needs.types, 'procexit'],
      probe: needs.probe,
      onEvent: judge,
    });
    await vi.waitUntil(() => api.watchesBegun() === 1, { timeout: 10_000 });
    await makePlace();
    for (const kind of ['C', 'P']) cgroups.set(kind, await makeContainer(kind));
    await runAll();
  }, 120_000);

  afterAll(async () => {
    await h?.close();
    await api?.close();
    for (const cgroup of cgroups.values()) await cgroup.remove();
    await rm(dir, { recursive: true, force: true });
    await rm(shm, { force: true });
  });

  test.each(CASES.map(([rule]) => rule))('%s: fires for its trigger and not for the twin', (rule) => {
    expect([...(fired.get(`${rule} trigger`) ?? [])]).toContain(rule);
    expect([...(fired.get(`${rule} twin`) ?? [])]).not.toContain(rule);
  });

  test('every rule of the kernel has a case or a reason', () => {
    const named = [...CASES.map(([rule]) => rule), ...Object.keys(SILENT)];
    const known = ruleset.rules.filter((rule) => rule.source === 'syscall').map((rule) => rule.name);
    expect(named.sort()).toEqual(known.sort());
  });

  test('nothing was lost on the way', () => {
    expect(h.sensor.counters()).toMatchObject({ probe_dropped: 0, undecodable: 0, probe_faults: 0 });
  });
});

function loadUpstream(): Ruleset {
  const files = FILES.map((name) => ({
    name,
    text: readFileSync(join(CORPUS, 'upstream-rules', name), 'utf8'),
  }));
  const { ruleset: shipped } = loadRules(files);
  const off = (shipped?.rules ?? []).filter((rule) => !rule.enabled);
  const on = off.map(
    ({ name }) => `- rule: ${JSON.stringify(name)}\n  enabled: true\n  override: { enabled: replace }`,
  );
  const loaded = loadRules([...files, { name: 'site.yaml', text: SITE + on.join('\n') }]);
  if (loaded.ruleset === undefined) throw new Error(JSON.stringify(loaded.results.flatMap((r) => r.errors)));
  return loaded.ruleset;
}

function judge(event: SyscallEvent): void {
  const key = caseOf(event.thread);
  if (key === undefined) return;
  const names = fired.get(key) ?? new Set();
  fired.set(key, names);
  for (const view of [event, asOpened(event)])
    if (view !== undefined) for (const rule of ruleset.every(view)) names.add(rule.name);
  if (key === 'end' && event.type === 'procexit') ended.resolve();
}

const ended = Promise.withResolvers<void>();

/** The mark of `case NAME` on the process or an ancestor. */
function caseOf(thread: ThreadInfo | undefined): string | undefined {
  for (let at = thread; at !== undefined; at = at.parent) if (at.args[0] === 'case') return at.args[1];
  return undefined;
}

/** Programs under other names are links to `calls`; `root` is a directory to change the root to. */
async function makePlace(): Promise<void> {
  await chmod(h.dir, 0o755);
  const names = new Set(
    CASES.flat().flatMap((line) => [...line.matchAll(/@(\w+)/g)].map(([, name]) => name ?? '')),
  );
  await mkdir(join(h.dir, 'bin'));
  for (const name of names) await symlink(h.calls, join(h.dir, 'bin', name));
  const places =
    'etc/apt/sources.list.d usr/sbin usr/share usr/local/lib root home/u/.ssh var/lib/rpm dev host';
  for (const place of places.split(' ')) await mkdir(join(h.dir, 'root', place), { recursive: true });
  const files =
    'root/home/u/.ssh/id root/home/u/id root/usr/sbin/old root/usr/share/old root/dev/sda root/host/file';
  const others = 'root/var/file plain .bashrc .bash_history history liblzma.so.5.6.0 liblzma.so.5.4.5';
  for (const file of `${files} ${others}`.split(' ')) await writeFile(join(h.dir, file), '');
  await mkdir(join(h.dir, 'ov'));
  await copyFile(h.calls, shm);
}

async function makeContainer(kind: string): Promise<TestCgroup> {
  const uid = randomUUID();
  const id = randomBytes(32).toString('hex');
  api.put({
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { uid, name: `pod-${kind.toLowerCase()}`, namespace: 'test' },
    spec: {
      nodeName: 'test-node',
      containers: [
        {
          name: 'app',
          image: 'registry.test/app:1',
          securityContext: { privileged: kind === 'P' },
        },
      ],
    },
    status: { containerStatuses: [{ name: 'app', containerID: `containerd://${id}` }] },
  });
  return makeCgroup(`${root}/kubepods/pod${uid}/${id}`);
}

/** All triggers and twins, a few at once; resolves when the sensor has delivered what they did. */
async function runAll(): Promise<void> {
  const host = await makeCgroup(`${root}/host`);
  cgroups.set('host', host);
  const jobs = CASES.flatMap(([rule, trigger, twin]: UpstreamCase): [key: string, line: string][] => [
    [`${rule} trigger`, trigger],
    [`${rule} twin`, twin],
  ]);
  // The one that sleeps goes first, beside the others.
  const sleeper = jobs.findIndex(([, line]) => line.includes(' wait '));
  const queue = [...jobs.splice(sleeper, 1), ...jobs];
  const work = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) await runLine(...job);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await runLine('end', 'nothing');
  await ended.promise;
}

async function runLine(key: string, line: string): Promise<void> {
  const kind = /^([CP]): /.exec(line)?.[1];
  const words = (kind === undefined ? line : line.slice(3))
    .match(/'[^']*'|\S+/g)
    ?.map((word) => word.replaceAll("'", '').replaceAll('~', h.dir).replace('^', join(h.dir, 'root')))
    .map((word) =>
      word.startsWith('@') ? join(h.dir, 'bin', word.slice(1)) : word.replace('/dev/shm/%', shm),
    );
  const cgroup = cgroups.get(kind ?? 'host');
  if (cgroup === undefined || words === undefined) throw new Error(`cannot run: ${line}`);
  await cgroup.run(h.calls, [h.calls, 'case', key, 'clean', ...words]);
}
