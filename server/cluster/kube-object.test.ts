import { expect, it } from 'vitest';
import { podSchema } from './kube-object.ts';
import { cutPod } from './pod-summary.ts';

const metadata = { name: 'web', namespace: 'shop', uid: 'u1' };

it('takes a pod that says nothing but its name', () => {
  expect(cutPod({ metadata, spec: {} })).toMatchObject({ metadata: { name: 'web' }, containers: [] });
});

it.each([
  ['no volumes', {}],
  ['volumes null', { volumes: null }],
])('takes a pod with %s', (_, spec) => {
  expect(podSchema.parse({ metadata, spec }).spec.volumes).toEqual([]);
});

it('takes volumes that are no emptyDir', () => {
  const volumes = [
    { name: 'token', projected: {} },
    { name: 'scratch', emptyDir: {} },
  ];
  const parsed = podSchema.parse({ metadata, spec: { volumes } });
  expect(parsed.spec.volumes.map(({ emptyDir }) => emptyDir)).toEqual([undefined, {}]);
});
