import { expect, test } from 'vitest';
import { podFacts } from './pod-facts.ts';

const pod = (metadata: Record<string, unknown>, rest: Record<string, unknown> = {}) => ({
  metadata: { uid: 'u1', name: 'web-7d9-x2k', namespace: 'shop', ...metadata },
  ...rest,
});

test.each([
  ['Deployment/web', [{ kind: 'ReplicaSet', name: 'web-7d9' }], { 'pod-template-hash': '7d9' }],
  ['ReplicaSet/bare', [{ kind: 'ReplicaSet', name: 'bare' }], {}],
  ['CronJob/backup', [{ kind: 'Job', name: 'backup-28456789' }], {}],
  ['Job/once', [{ kind: 'Job', name: 'once' }], {}],
  ['StatefulSet/db', [{ kind: 'StatefulSet', name: 'db' }], {}],
  [
    'DaemonSet/agent',
    [
      { kind: 'Other', name: 'x' },
      { kind: 'DaemonSet', name: 'agent', controller: true },
    ],
    {},
  ],
  ['Pod/web-7d9-x2k', [], {}],
])('names the workload %s', (workload, ownerReferences, labels) => {
  expect(podFacts(pod({ ownerReferences, labels }))?.workload).toBe(workload);
});

test('reads containers of all three kinds by id, with the image of the spec', () => {
  const facts = podFacts(
    pod(
      {},
      {
        spec: {
          nodeName: 'n1',
          serviceAccountName: 'sa',
          containers: [{ name: 'app', image: 'app:1', securityContext: { privileged: true } }],
          initContainers: [{ name: 'init', image: 'init:1' }],
        },
        status: {
          containerStatuses: [{ name: 'app', image: 'sha256:abc', containerID: 'containerd://aaa' }],
          initContainerStatuses: [{ name: 'init', image: 'init:1', containerID: 'containerd://bbb' }],
          ephemeralContainerStatuses: [{ name: 'dbg', image: 'dbg:1', containerID: 'containerd://ccc' }],
        },
      },
    ),
  );
  expect(facts).toMatchObject({ node: 'n1', serviceAccount: 'sa' });
  expect([...(facts?.specs.keys() ?? [])]).toEqual(['app', 'init']);
  expect(Object.fromEntries(facts?.containers ?? [])).toEqual({
    aaa: { name: 'app', image: 'app:1', privileged: true },
    bbb: { name: 'init', image: 'init:1', privileged: false },
    ccc: { name: 'dbg', image: 'dbg:1', privileged: undefined },
  });
});

test('knows the runs of a container that ended and began again', () => {
  const containerStatuses = [
    {
      name: 'app',
      containerID: 'containerd://ccc',
      state: { terminated: { containerID: 'containerd://bbb' } },
      lastState: { terminated: { containerID: 'containerd://aaa' } },
    },
  ];
  const facts = podFacts(pod({}, { status: { containerStatuses } }));
  expect([...(facts?.containers.keys() ?? [])].toSorted()).toEqual(['aaa', 'bbb', 'ccc']);
});

test('names a static pod by the hash its cgroup carries', () => {
  expect(podFacts(pod({ annotations: { 'kubernetes.io/config.hash': 'cafe' } }))?.uid).toBe('cafe');
});

test.each([[null], [{}], [{ metadata: { name: 1 } }], ['pod']])('refuses %j', (value) => {
  expect(podFacts(value)).toBeUndefined();
});

test('reads what a container mounts, with the host path where it is one', () => {
  const containers = [
    {
      name: 'app',
      volumeMounts: [
        { name: 'root', mountPath: '/host', readOnly: true },
        { name: 'token', mountPath: '/run/secrets' },
      ],
    },
  ];
  const volumes = [{ name: 'root', hostPath: { path: '/' } }, { name: 'token' }];
  const status = { containerStatuses: [{ name: 'app', containerID: 'containerd://aaa' }] };
  const mounts = podFacts(pod({}, { spec: { containers, volumes }, status }))?.containers.get('aaa')?.mounts;
  expect(mounts).toEqual([
    { source: '/', dest: '/host', mode: '', writable: false, propagation: '' },
    { source: '', dest: '/run/secrets', mode: '', writable: true, propagation: '' },
  ]);
});
