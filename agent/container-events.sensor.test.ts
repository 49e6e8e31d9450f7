import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type PodApi, startPodApi } from './testing/pod-api.ts';
import { type Harness, startHarness } from './testing/sensor-harness.ts';
import { makeCgroup } from './testing/test-cgroup.ts';

let h: Harness;
let api: PodApi;
let dir: string;
const root = `/eyrie-test-${randomBytes(4).toString('hex')}`;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'eyrie-pods-'));
  api = await startPodApi(dir);
  h = await startHarness({ kube: { kubeconfig: api.kubeconfig, nodeName: 'test-node' } });
  await vi.waitUntil(() => api.watchesBegun() === 1, { timeout: 10_000 });
}, 120_000);
afterAll(async () => {
  await h?.close();
  await api?.close();
  await rm(dir, { recursive: true, force: true });
});

function identity() {
  const uid = randomUUID();
  const id = randomBytes(32).toString('hex');
  const pod = (status: Record<string, unknown> = {}) => ({
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      uid,
      name: `web-7d9-${id.slice(0, 5)}`,
      namespace: 'shop',
      labels: { app: 'web', 'pod-template-hash': '7d9' },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'web-7d9', controller: true }],
    },
    spec: {
      nodeName: 'test-node',
      serviceAccountName: 'web',
      containers: [{ name: 'app', image: 'shop/web:1.2' }],
    },
    status,
  });
  return { uid, id, pod };
}

const ran = (marker: string) =>
  h.events.some((e) => e.thread?.args[0] === 'nothing' && e.thread.args.includes(marker));
const execOf = (marker: string) =>
  h.event(
    (e) => e.type === 'execve' && e.thread?.args.includes(marker) === true && e.thread.args[0] === 'nothing',
  );

test('attributes a process to its pod when the pod is known before the container', async () => {
  const { uid, id, pod } = identity();
  api.put(pod());
  const cgroup = await makeCgroup(`${root}/kubepods/burstable/pod${uid}/${id}`);
  try {
    expect(await cgroup.run(h.calls, [h.calls, 'nothing', 'known-pod'])).toBe(0);
    const { thread } = await execOf('known-pod');
    expect(thread?.cgroup).toBe(`${root}/kubepods/burstable/pod${uid}/${id}`);
    expect(thread?.container).toMatchObject({
      id,
      podUid: uid,
      namespace: 'shop',
      workload: 'Deployment/web',
      serviceAccount: 'web',
      node: 'test-node',
      labels: { app: 'web' },
      state: 'filled',
    });
    expect(thread?.user).toBe('root');
  } finally {
    await cgroup.remove();
  }
});

test('holds events until the pod arrives, delivers them in order, and adds the name later', async () => {
  const { uid, id, pod } = identity();
  const cgroup = await makeCgroup(
    `${root}/kubepods-besteffort.slice/kubepods-besteffort-pod${uid.replaceAll('-', '_')}.slice/cri-containerd-${id}.scope`,
  );
  try {
    await cgroup.run(h.calls, [h.calls, 'nothing', 'early']);
    expect(ran('early')).toBe(false);
    api.put(pod());
    const first = await execOf('early');
    expect(first.thread?.container).toMatchObject({ id, state: 'filled', namespace: 'shop' });
    const mine = h.events.filter((e) => e.thread?.container?.id === id);
    expect(mine.map((e) => e.timeNs)).toEqual(mine.map((e) => e.timeNs).toSorted((a, b) => (a < b ? -1 : 1)));
    api.put(pod({ containerStatuses: [{ name: 'app', image: 'x', containerID: `containerd://${id}` }] }));
    await expect.poll(() => h.fills.find((c) => c.id === id)?.name, { timeout: 20_000 }).toBe('app');
    expect(h.fills.find((c) => c.id === id)).toMatchObject({ image: 'shop/web:1.2', privileged: false });
  } finally {
    await cgroup.remove();
  }
});

test('gives up on an unknown pod after two seconds, and does not delay the host meanwhile', async () => {
  const { uid, id } = identity();
  const cgroup = await makeCgroup(`${root}/kubepods/pod${uid}/${id}`);
  try {
    const startedAt = performance.now();
    await cgroup.run(h.calls, [h.calls, 'nothing', 'orphan']);
    await h.call('nothing', 'host-meanwhile');
    await execOf('host-meanwhile');
    expect(ran('orphan')).toBe(false);
    const { thread } = await execOf('orphan');
    expect(performance.now() - startedAt).toBeGreaterThan(1_900);
    expect(thread?.container).toMatchObject({ id, podUid: uid, state: 'failed', podName: undefined });
    expect(h.sensor.counters().enrich_failed).toBeGreaterThan(0);
  } finally {
    await cgroup.remove();
  }
});

test('goes on after the API server cut the watch', async () => {
  const before = api.watchesBegun();
  api.cut();
  await expect.poll(() => api.watchesBegun(), { timeout: 20_000 }).toBeGreaterThan(before);
  const { uid, id, pod } = identity();
  api.put(pod());
  const cgroup = await makeCgroup(`${root}/kubepods/pod${uid}/${id}`);
  try {
    await cgroup.run(h.calls, [h.calls, 'nothing', 'after-cut']);
    expect((await execOf('after-cut')).thread?.container?.state).toBe('filled');
  } finally {
    await cgroup.remove();
  }
}, 30_000);
