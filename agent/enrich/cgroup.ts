/** What a cgroup's names say about the container in it. */
export type CgroupContainer = {
  readonly containerId: string;
  /** Absent outside Kubernetes. For static pods this is the 32-digit configuration hash. */
  readonly podUid: string | undefined;
};

// containerd, CRI-O, Docker and Podman, under the cgroupfs or the systemd driver, also in the form
// "<slice>:cri-containerd:<id>" that containerd uses when only the kubelet speaks systemd.
const CONTAINER =
  /^(?:(?:.*[:-])?(?:cri-containerd|crio|docker|libpod|containerd)[-:])?([0-9a-f]{64})(?:\.scope)?$/;
const POD =
  /(?:^|[-/])pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice|$)/;

/** Reads names leaf first, so that cgroups made inside a container count as that container. */
export function containerOfCgroup(namesLeafFirst: readonly string[]): CgroupContainer | undefined {
  for (const [index, name] of namesLeafFirst.entries()) {
    const containerId = CONTAINER.exec(name)?.[1];
    if (containerId === undefined) continue;
    return { containerId, podUid: podUid([name.split(':')[0] ?? '', ...namesLeafFirst.slice(index + 1)]) };
  }
  return undefined;
}

function podUid(names: readonly string[]): string | undefined {
  for (const name of names) {
    const uid = POD.exec(name)?.[1];
    if (uid !== undefined) return uid.replaceAll('_', '-');
  }
  return undefined;
}
