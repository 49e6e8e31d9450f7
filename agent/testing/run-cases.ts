import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { SyscallEvent, ThreadInfo } from '../../core/events/syscall.ts';
import { askedDomains } from '../../core/rules/asked-domains.ts';
import type { Ruleset } from '../../core/rules/ruleset.ts';
import { asOpened } from '../detect/detector.ts';
import { DomainNames } from '../enrich/domain-names.ts';
import type { SensorOptions } from '../sensor.ts';
import { type PodApi, startPodApi } from './pod-api.ts';
import { startHarness } from './sensor-harness.ts';
import { makeCgroup, type TestCgroup } from './test-cgroup.ts';
import { ADDRESSES, type UpstreamCase } from './upstream-cases.ts';

const AT_ONCE = 4;
const END = 'end';

export type CasesResult = {
  /** `RULE trigger` and `RULE twin` → names of the rules that the events of that run satisfied, sorted. */
  readonly fired: Readonly<Record<string, readonly string[]>>;
  /** Of the programs that were run; others of the machine do not count. */
  readonly events: number;
  readonly counters: Readonly<Record<string, number>>;
};

type Place = { readonly dir: string; readonly calls: string; readonly shm: string };

/** Runs triggers and twins under one sensor, in real containers where they ask for one. */
export async function runCases(
  ruleset: Ruleset,
  cases: readonly UpstreamCase[],
  options: Partial<SensorOptions>,
): Promise<CasesResult> {
  const podDir = await mkdtemp(join(tmpdir(), 'eyrie-pods-'));
  const api = await startPodApi(podDir);
  const domains = new DomainNames({ resolve: async (name) => ADDRESSES[name] ?? [] });
  await domains.ask(askedDomains(ruleset.rules));
  domains.stop();
  const judge = new Judge(ruleset, domains.byAddress);
  const kube = { kubeconfig: api.kubeconfig, nodeName: 'test-node' };
  const h = await startHarness({ ...options, kube, onEvent: (event) => judge.see(event) });
  const place = { dir: h.dir, calls: h.calls, shm: `/dev/shm/eyrie-${randomInt(1e9)}` };
  const root = `/eyrie-rules-${randomBytes(4).toString('hex')}`;
  const cgroups = new Map<string, TestCgroup>();
  try {
    await vi.waitUntil(() => api.watchesBegun() === 1, { timeout: 10_000 });
    await furnish(place, cases);
    cgroups.set('host', await makeCgroup(`${root}/host`));
    for (const kind of ['C', 'P']) cgroups.set(kind, await makeContainer(api, root, kind));
    await runAll(cases, place, cgroups);
    await judge.ended;
    return { fired: judge.result(), events: judge.events, counters: h.sensor.counters() };
  } finally {
    await h.close();
    await api.close();
    for (const cgroup of cgroups.values()) await cgroup.remove();
    await rm(podDir, { recursive: true, force: true });
    await rm(place.shm, { force: true });
  }
}

/** Collects, per case, the rules that an event satisfies as spelled or as opened. */
class Judge {
  events = 0;
  readonly #ruleset: Ruleset;
  readonly #domainNames: NonNullable<SyscallEvent['domainNames']>;
  readonly #fired = new Map<string, Set<string>>();
  readonly #end = Promise.withResolvers<void>();

  constructor(ruleset: Ruleset, domainNames: NonNullable<SyscallEvent['domainNames']>) {
    this.#ruleset = ruleset;
    this.#domainNames = domainNames;
  }

  get ended(): Promise<void> {
    return this.#end.promise;
  }

  see(event: SyscallEvent): void {
    const key = caseOf(event.thread);
    if (key === undefined) return;
    this.events++;
    event.domainNames = this.#domainNames;
    const names = this.#fired.get(key) ?? new Set();
    this.#fired.set(key, names);
    for (const view of [event, asOpened(event)])
      if (view !== undefined) for (const rule of this.#ruleset.every(view)) names.add(rule.name);
    if (key === END && event.type === 'procexit') this.#end.resolve();
  }

  result(): CasesResult['fired'] {
    const sorted = [...this.#fired].map(([key, names]): [string, readonly string[]] => [
      key,
      [...names].sort(),
    ]);
    return Object.fromEntries(sorted.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** The mark of `case NAME` on the process or an ancestor. */
function caseOf(thread: ThreadInfo | undefined): string | undefined {
  for (let at = thread; at !== undefined; at = at.parent) if (at.args[0] === 'case') return at.args[1];
  return undefined;
}

/** Programs under other names are links to `calls`; `root` is a directory to change the root to. */
async function furnish({ dir, calls, shm }: Place, cases: readonly UpstreamCase[]): Promise<void> {
  await chmod(dir, 0o755);
  const names = new Set(
    cases.flat().flatMap((line) => [...line.matchAll(/@(\w+)/g)].map(([, name]) => name ?? '')),
  );
  await mkdir(join(dir, 'bin'));
  for (const name of names) await symlink(calls, join(dir, 'bin', name));
  const places =
    'etc/apt/sources.list.d usr/sbin usr/share usr/local/lib root home/u/.ssh var/lib/rpm dev host';
  for (const place of places.split(' ')) await mkdir(join(dir, 'root', place), { recursive: true });
  const files =
    'root/home/u/.ssh/id root/home/u/id root/usr/sbin/old root/usr/share/old root/dev/sda root/host/file';
  const others = 'root/var/file plain .bashrc .bash_history history liblzma.so.5.6.0 liblzma.so.5.4.5';
  for (const file of `${files} ${others}`.split(' ')) await writeFile(join(dir, file), '');
  await mkdir(join(dir, 'ov'));
  await copyFile(calls, shm);
}

async function makeContainer(api: PodApi, root: string, kind: string): Promise<TestCgroup> {
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

/** A few at once; resolves when the last program has ended. */
async function runAll(
  cases: readonly UpstreamCase[],
  place: Place,
  cgroups: ReadonlyMap<string, TestCgroup>,
): Promise<void> {
  const jobs = cases.flatMap(([rule, trigger, twin]): [key: string, line: string][] => [
    [`${rule} trigger`, trigger],
    [`${rule} twin`, twin],
  ]);
  // The one that sleeps goes first, beside the others.
  const sleeper = jobs.findIndex(([, line]) => line.includes(' wait '));
  const queue = [...jobs.splice(sleeper, 1), ...jobs];
  const work = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift())
      await runLine(...job, place, cgroups);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await runLine(END, 'nothing', place, cgroups);
}

async function runLine(
  key: string,
  line: string,
  { dir, calls, shm }: Place,
  cgroups: ReadonlyMap<string, TestCgroup>,
): Promise<void> {
  const kind = /^([CP]): /.exec(line)?.[1];
  const words = (kind === undefined ? line : line.slice(3))
    .match(/'[^']*'|\S+/g)
    ?.map((word) => word.replaceAll("'", '').replaceAll('~', dir).replace('^', join(dir, 'root')))
    .map((word) =>
      word.startsWith('@') ? join(dir, 'bin', word.slice(1)) : word.replace('/dev/shm/%', shm),
    );
  const cgroup = cgroups.get(kind ?? 'host');
  if (cgroup === undefined || words === undefined) throw new Error(`cannot run: ${line}`);
  await cgroup.run(calls, [calls, 'case', key, 'clean', ...words]);
}
