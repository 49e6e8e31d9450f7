import { expect, test } from 'vitest';
import { containerOfCgroup } from './cgroup.ts';

const ID = '03713199df0b8cfe6e6574003b919ce11d7e11e561652c76fe14d097594dbc7f';
const UID = '89eaf00b-2ed6-4a4c-9408-a44d81e37d60';
const UID_ = UID.replaceAll('-', '_');
const HASH = '0123456789abcdef0123456789abcdef';

const of = (path: string) => containerOfCgroup(path.split('/').reverse());

test.each([
  ['cgroupfs, best effort', `/kubepods/besteffort/pod${UID}/${ID}`, UID],
  ['cgroupfs, guaranteed', `/kubepods/pod${UID}/${ID}`, UID],
  ['cgroupfs below another root', `/testcluster/kubepods/burstable/pod${UID}/${ID}`, UID],
  [
    'systemd, containerd',
    `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${UID_}.slice/cri-containerd-${ID}.scope`,
    UID,
  ],
  ['systemd, guaranteed', `/kubepods.slice/kubepods-pod${UID_}.slice/cri-containerd-${ID}.scope`, UID],
  [
    'systemd, CRI-O',
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID_}.slice/crio-${ID}.scope`,
    UID,
  ],
  [
    'systemd, Docker',
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID_}.slice/docker-${ID}.scope`,
    UID,
  ],
  ['cgroupfs, CRI-O', `/kubepods/burstable/pod${UID}/crio-${ID}`, UID],
  [
    'systemd with a root slice of its own',
    `/tenant.slice/tenant-kubepods.slice/tenant-kubepods-burstable.slice/tenant-kubepods-burstable-pod${UID_}.slice/cri-containerd-${ID}.scope`,
    UID,
  ],
  [
    'k3s and RKE2 under systemd',
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID_}.slice/cri-containerd-${ID}.scope`,
    UID,
  ],
  ['k3s as a service', `/system.slice/k3s.service/kubepods/besteffort/pod${UID}/${ID}`, UID],
  ['containerd without Kubernetes', `/default/${ID}`, undefined],
  [
    'Podman without root',
    `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope/container`,
    undefined,
  ],
  ['k3s', `/k3s.slice/kubepods/burstable/pod${UID}/${ID}`, UID],
  [
    'containerd with a slice of its kubelet',
    `/system.slice/containerd.service/kubepods-besteffort-pod${UID_}.slice:cri-containerd:${ID}`,
    UID,
  ],
  ['kind, nested', `/docker/${'f'.repeat(64)}/kubelet/kubepods/burstable/pod${UID}/${ID}`, UID],
  ['a static pod', `/kubepods/burstable/pod${HASH}/${ID}`, HASH],
  ['a cgroup made inside the container', `/kubepods/burstable/pod${UID}/${ID}/init.scope`, UID],
  ['Docker without Kubernetes', `/docker/${ID}`, undefined],
  ['Docker under systemd', `/system.slice/docker-${ID}.scope`, undefined],
  ['Podman', `/machine.slice/libpod-${ID}.scope/container`, undefined],
])('finds the container of %s', (_, path, podUid) => {
  expect(of(path)).toEqual({ containerId: ID, podUid });
});

test.each([
  ['/'],
  ['/user.slice/user-1000.slice/session-2.scope'],
  ['/system.slice/containerd.service'],
  [`/kubepods/besteffort/pod${UID}`],
  [`/machine.slice/crio-conmon-${ID}.scope`],
  [`/machine.slice/libpod-conmon-${ID}.scope`],
  [`/kubepods/pod${UID}/${ID.slice(1)}`],
  [`/kubepods/pod${UID}/${ID.toUpperCase()}`],
])('takes %s for the host', (path) => {
  expect(of(path)).toBeUndefined();
});
