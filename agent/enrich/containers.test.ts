import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ContainerInfo, SyscallEvent } from '../../core/events/syscall.ts';
import { type ContainerFacts, ContainerRegistry, LOOKUP_MS_MAX, type PodFacts } from './containers.ts';
import type { CriFacts } from './cri.ts';
import { HoldQueue } from './hold-queue.ts';
import type { LinkFacts } from './log-links.ts';
import { emptyThread } from './thread.ts';

const ID = 'a'.repeat(64);
const UID = '89eaf00b-2ed6-4a4c-9408-a44d81e37d60';
const PATH = `/kubepods/pod${UID}/${ID}`;

const SPEC: ContainerFacts = { name: 'app', image: 'app:1', privileged: false };

const facts = (containers: PodFacts['containers'] = new Map()): PodFacts => ({
  uid: UID,
  name: 'web-1',
  namespace: 'shop',
  labels: { app: 'web' },
  workload: 'Deployment/web',
  serviceAccount: 'default',
  node: 'node1',
  specs: new Map([['app', SPEC]]),
  containers,
});

function setUp(known?: PodFacts) {
  const delivered: number[] = [];
  const fills: { name: string | undefined; late: boolean }[] = [];
  const queue = new HoldQueue((event) => delivered.push(event.num));
  const registry = new ContainerRegistry({
    hasSource: () => true,
    podByUid: () => known,
    onFill: (container, late) => {
      fills.push({ name: container.name, late });
      queue.release(container);
    },
    onFail: (container) => queue.release(container),
  });
  return { delivered, fills, queue, registry };
}

function event(num: number, container: ContainerInfo | undefined): SyscallEvent {
  const thread = { ...emptyThread(1), container };
  return {
    source: 'syscall',
    num,
    timeNs: 0n,
    cpu: 0,
    type: 'open',
    dir: '<',
    tid: 1,
    thread,
    res: 0,
    args: {},
    argText: {},
    fdNum: undefined,
    fd: undefined,
  };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('fills a container at once when its pod is known, before the status has its id', () => {
  const { registry, fills } = setUp(facts());
  expect(registry.ofCgroup(PATH)).toMatchObject({ state: 'filled', podName: 'web-1', name: undefined });
  expect(fills).toEqual([{ name: undefined, late: false }]);
});

test('remembers a cgroup as long as processes come into it, whatever else starts and ends', () => {
  const { registry } = setUp(facts());
  const names = (id: number) => [String(id).padStart(64, '0'), `pod${UID}`, 'kubepods'];
  registry.announce(0, names(0));
  const old = registry.ofCgroup(registry.cgroupPath(0));
  for (let id = 1; id < 20_000; id++) {
    registry.announce(id, names(id));
    registry.ofCgroup(registry.cgroupPath(id));
    if (id % 5_000 === 0) expect(registry.ofCgroup(registry.cgroupPath(0))).toBe(old);
  }
  expect(registry.cgroupPath(1)).toBe('');
});

test('shares one object per container, also between cgroups inside it', () => {
  const { registry } = setUp(facts());
  expect(registry.ofCgroup(`${PATH}/child`)).toBe(registry.ofCgroup(PATH));
});

test('holds the events of a pending container, lets others pass, and keeps the order', () => {
  const { delivered, queue, registry } = setUp();
  const pending = registry.ofCgroup(PATH);
  expect(pending?.state).toBe('pending');
  queue.push(event(1, pending));
  queue.push(event(2, undefined));
  queue.push(event(3, pending));
  expect(delivered).toEqual([2]);
  registry.podChanged(facts());
  queue.push(event(4, pending));
  expect(delivered).toEqual([2, 1, 3, 4]);
});

test('a held event keeps the process as it was', () => {
  const seen: (string | undefined)[] = [];
  const queue = new HoldQueue((e) => seen.push(e.thread?.comm));
  const container = setUp().registry.ofCgroup(PATH);
  const live = event(1, container);
  if (live.thread) live.thread.comm = 'before';
  const { thread } = live;
  queue.push(live);
  if (thread) thread.comm = 'after';
  queue.releaseAll();
  expect(seen).toEqual(['before']);
});

test('gives up after two seconds, delivers, and reports a late fill', () => {
  const { delivered, fills, queue, registry } = setUp();
  const container = registry.ofCgroup(PATH);
  queue.push(event(1, container));
  vi.advanceTimersByTime(LOOKUP_MS_MAX - 1);
  expect(delivered).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(delivered).toEqual([1]);
  expect(container?.state).toBe('failed');
  expect(registry.counters.enrich_failed).toBe(1);
  registry.podChanged(facts());
  expect(container?.state).toBe('filled');
  expect(fills).toEqual([{ name: undefined, late: true }]);
});

test('reports the container name once it comes with the status', () => {
  const { fills, registry } = setUp(facts());
  const container = registry.ofCgroup(PATH);
  registry.podChanged(facts(new Map([[ID, { name: 'app', image: 'app:1', privileged: false }]])));
  expect(container).toMatchObject({ name: 'app', image: 'app:1', privileged: false });
  registry.podChanged(facts(new Map([[ID, { name: 'app', image: 'app:1', privileged: false }]])));
  expect(fills).toEqual([
    { name: undefined, late: false },
    { name: 'app', late: true },
  ]);
});

test('does not wait where nothing can answer', () => {
  const { registry } = setUp();
  expect(registry.ofCgroup(`/docker/${ID}`)?.state).toBe('failed');
  expect(registry.ofCgroup('/user.slice')).toBeUndefined();
});

test('lets events go on when too many are held', () => {
  const { delivered, queue, registry } = setUp();
  const container = registry.ofCgroup(PATH);
  for (let i = 1; i <= 10_001; i++) queue.push(event(i, container));
  expect(delivered).toHaveLength(10_001);
  expect(delivered.at(-1)).toBe(10_001);
  expect(queue.counters.hold_overflow).toBe(1);
});

describe('with the links of the kubelet', () => {
  const LINK: LinkFacts = { name: 'app', podName: 'web-1', namespace: 'shop' };

  function setUpLinks(known: PodFacts | undefined, isWatched = known !== undefined) {
    const links = new Map<string, LinkFacts>();
    const fills: { name: string | undefined; late: boolean }[] = [];
    const registry = new ContainerRegistry({
      hasSource: () => isWatched,
      podByUid: () => known,
      links: { byId: (id) => links.get(id), isUsed: () => true },
      onFill: ({ name }, late) => fills.push({ name, late }),
      onFail: () => undefined,
    });
    const link = (change: Partial<LinkFacts> = {}) => {
      links.set(ID, { ...LINK, ...change });
      registry.linked(ID);
    };
    return { fills, link, registry };
  }

  test('has name, image and privileges before the status, from the specification', () => {
    const { fills, link, registry } = setUpLinks(facts());
    const container = registry.ofCgroup(PATH);
    expect(container?.state).toBe('pending');
    link();
    expect(container).toMatchObject({ state: 'filled', name: 'app', image: 'app:1', privileged: false });
    expect(fills).toEqual([{ name: 'app', late: false }]);
  });

  test('waits two seconds for a name: a sandbox never has one', () => {
    const { fills, link, registry } = setUpLinks(facts());
    const container = registry.ofCgroup(PATH);
    vi.advanceTimersByTime(LOOKUP_MS_MAX - 1);
    expect(container?.state).toBe('pending');
    vi.advanceTimersByTime(1);
    expect(container).toMatchObject({ state: 'filled', podName: 'web-1', name: undefined });
    link();
    expect(fills).toEqual([
      { name: undefined, late: false },
      { name: 'app', late: true },
    ]);
    expect(registry.counters).toEqual({ enrich_filled: 1, enrich_failed: 0, enrich_late: 1 });
  });

  test('knows pod and name without the Kubernetes API', () => {
    const { link, registry } = setUpLinks(undefined);
    const container = registry.ofCgroup(PATH);
    link();
    expect(container).toMatchObject({ state: 'filled', name: 'app', podName: 'web-1', namespace: 'shop' });
  });

  test.each([[{ podName: 'other' }], [{ namespace: 'other' }], [{ name: 'unknown' }]])(
    'disbelieves a link with %j where the pod says otherwise',
    (change) => {
      const { link, registry } = setUpLinks(facts());
      const container = registry.ofCgroup(PATH);
      link(change);
      expect(container).toMatchObject({ state: 'pending', name: undefined, podName: 'web-1' });
    },
  );

  test('gives way to the pod status', () => {
    const { link, registry } = setUpLinks(facts());
    const container = registry.ofCgroup(PATH);
    link();
    registry.podChanged(facts(new Map([[ID, { name: 'web', image: 'web:2', privileged: true }]])));
    expect(container).toMatchObject({ name: 'web', image: 'web:2', privileged: true });
  });
});

describe('with the container runtime', () => {
  const told: CriFacts = {
    name: 'app',
    image: 'app:1',
    podName: 'web-1',
    namespace: 'shop',
    podUid: UID,
  };
  const sandbox: CriFacts = { ...told, name: undefined, image: undefined };

  /** The runtime's answers are given by hand, in any order against the pod's. */
  function setUpCri({ isWatched = false, known }: { isWatched?: boolean; known?: PodFacts } = {}) {
    const answers: ((facts: CriFacts | undefined) => void)[] = [];
    const fills: { name: string | undefined; late: boolean }[] = [];
    const registry = new ContainerRegistry({
      hasSource: () => isWatched,
      podByUid: () => known,
      cri: { ask: () => new Promise((resolve) => answers.push(resolve)) },
      onFill: ({ name }, late) => fills.push({ name, late }),
      onFail: () => undefined,
    });
    const answer = async (facts: CriFacts | undefined) => {
      answers.shift()?.(facts);
      await Promise.resolve();
    };
    return { answer, answers, fills, registry };
  }

  test('is enough without the Kubernetes API', async () => {
    const { answer, fills, registry } = setUpCri();
    const container = registry.ofCgroup(`/system.slice/cri-containerd-${ID}.scope`);
    expect(container?.state).toBe('pending');
    await answer(told);
    expect(container).toMatchObject({ ...told, state: 'filled', labels: undefined });
    expect(fills).toEqual([{ name: 'app', late: false }]);
    expect(registry.counters).toEqual({ enrich_filled: 1, enrich_failed: 0, enrich_late: 0 });
  });

  test('gives a sandbox its pod and no name, and is not asked about it again', async () => {
    const { answer, answers, registry } = setUpCri();
    registry.ofCgroup(PATH);
    await answer(sandbox);
    expect(registry.ofCgroup(PATH)).toMatchObject({ state: 'filled', podName: 'web-1', name: undefined });
    expect(answers).toHaveLength(0);
  });

  test('lets events go on without a name when it knows none, and is asked again at the next event', async () => {
    const { answer, answers, fills, registry } = setUpCri();
    const container = registry.ofCgroup(PATH);
    await answer(undefined);
    expect(container?.state).toBe('failed');
    registry.ofCgroup(PATH);
    expect(answers).toHaveLength(1);
    await answer(told);
    expect(container?.state).toBe('filled');
    expect(fills).toEqual([{ name: 'app', late: true }]);
  });

  test('waits for the pod as long as it may, then goes on with what the runtime told', async () => {
    const { answer, fills, registry } = setUpCri({ isWatched: true });
    const container = registry.ofCgroup(PATH);
    await answer(told);
    expect(container).toMatchObject({ state: 'pending', name: 'app' });
    vi.advanceTimersByTime(LOOKUP_MS_MAX);
    expect(container?.state).toBe('filled');
    registry.podChanged(facts());
    expect(container).toMatchObject({ name: 'app', image: 'app:1', labels: { app: 'web' } });
    expect(fills).toEqual([
      { name: 'app', late: false },
      { name: 'app', late: true },
    ]);
  });

  test('adds the name to a pod that is known before its status has it', async () => {
    const { answer, fills, registry } = setUpCri({ isWatched: true, known: facts() });
    const container = registry.ofCgroup(PATH);
    await answer(told);
    expect(container).toMatchObject({ state: 'filled', name: 'app', workload: 'Deployment/web' });
    expect(fills).toEqual([{ name: 'app', late: false }]);
  });

  test.each(['first', 'last'])('gives way to the pod status when that comes %s', async (order) => {
    const { answer, registry } = setUpCri({ isWatched: true });
    const container = registry.ofCgroup(PATH);
    const status = new Map([[ID, { name: 'web', image: 'registry/web:2', privileged: true }]]);
    if (order === 'first') registry.podChanged(facts(status));
    await answer({ ...told, podName: 'other', namespace: 'other' });
    if (order === 'last') registry.podChanged(facts(status));
    expect(container).toMatchObject({
      state: 'filled',
      name: 'web',
      image: 'registry/web:2',
      privileged: true,
      podName: 'web-1',
      namespace: 'shop',
    });
  });

  test('is not asked when the pod status has the name already', () => {
    const status = new Map([[ID, { name: 'web', image: 'web:2', privileged: false }]]);
    const { answers, registry } = setUpCri({ isWatched: true, known: facts(status) });
    expect(registry.ofCgroup(PATH)).toMatchObject({ state: 'filled', name: 'web' });
    expect(answers).toHaveLength(0);
  });
});
