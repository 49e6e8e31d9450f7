import type { ContainerInfo } from '../../core/events/syscall.ts';
import { containerOfCgroup } from './cgroup.ts';

/** A container's metadata is waited for this long before its events go on without. */
export const LOOKUP_MS_MAX = 2_000;
const CONTAINERS_MAX = 8_192;

/** What one source (the Kubernetes API) knows of a pod. */
export type PodFacts = {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly workload: string | undefined;
  readonly serviceAccount: string | undefined;
  readonly node: string | undefined;
  /** By full container id; empty until the kubelet has reported the status. */
  readonly containers: ReadonlyMap<string, ContainerFacts>;
};

export type ContainerFacts = {
  readonly name: string;
  readonly image: string | undefined;
  readonly privileged: boolean | undefined;
};

export type ContainerRegistryOptions = {
  /** False when no metadata source is configured: nothing to wait for. */
  readonly hasSource: () => boolean;
  readonly podByUid: (uid: string) => PodFacts | undefined;
  /** Called when a container's metadata arrives or improves; `late` when events went on without it. */
  readonly onFill: (container: ContainerInfo, late: boolean) => void;
  readonly onFail: (container: ContainerInfo) => void;
};

/** One shared ContainerInfo per container id, filled in place when its pod becomes known. */
export class ContainerRegistry {
  readonly #options: ContainerRegistryOptions;
  readonly #byId = new Map<string, ContainerInfo>();
  readonly #byCgroup = new Map<string, ContainerInfo | undefined>();
  readonly #cgroupNames = new Map<number, string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly counters = { enrich_filled: 0, enrich_failed: 0 };

  constructor(options: ContainerRegistryOptions) {
    this.#options = options;
  }

  /** Remembers the probe's announcement of a cgroup. */
  announce(cgroupId: number, namesLeafFirst: readonly string[]): void {
    remember(this.#cgroupNames, cgroupId, `/${[...namesLeafFirst].reverse().join('/')}`);
  }

  cgroupPath(cgroupId: number): string {
    return this.#cgroupNames.get(cgroupId) ?? '';
  }

  /** The container a cgroup path belongs to; undefined = host. */
  ofCgroup(path: string): ContainerInfo | undefined {
    if (this.#byCgroup.has(path)) return this.#byCgroup.get(path);
    const found = containerOfCgroup(path.split('/').reverse());
    const container = found === undefined ? undefined : this.#container(found.containerId, found.podUid);
    remember(this.#byCgroup, path, container);
    return container;
  }

  /** A pod appeared or changed. */
  podChanged(pod: PodFacts): void {
    for (const container of this.#byId.values()) {
      if (container.podUid === pod.uid || pod.containers.has(container.id)) this.#fill(container, pod);
    }
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #container(id: string, podUid: string | undefined): ContainerInfo {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const container: ContainerInfo = {
      id,
      name: undefined,
      image: undefined,
      privileged: undefined,
      podName: undefined,
      podUid,
      namespace: undefined,
      labels: undefined,
      workload: undefined,
      serviceAccount: undefined,
      node: undefined,
      state: 'pending',
    };
    remember(this.#byId, id, container);
    const pod = podUid === undefined ? undefined : this.#options.podByUid(podUid);
    if (pod !== undefined) this.#fill(container, pod);
    else if (this.#options.hasSource() && podUid !== undefined) this.#wait(container);
    else this.#fail(container);
    return container;
  }

  #wait(container: ContainerInfo): void {
    const timer = setTimeout(() => {
      this.#timers.delete(container.id);
      this.#fail(container);
    }, LOOKUP_MS_MAX);
    timer.unref();
    this.#timers.set(container.id, timer);
  }

  #fail(container: ContainerInfo): void {
    container.state = 'failed';
    this.counters.enrich_failed++;
    this.#options.onFail(container);
  }

  #fill(container: ContainerInfo, pod: PodFacts): void {
    const facts = pod.containers.get(container.id);
    const late = container.state === 'failed';
    const better = container.state !== 'filled' || (facts !== undefined && container.name === undefined);
    container.podUid = pod.uid;
    container.podName = pod.name;
    container.namespace = pod.namespace;
    container.labels = pod.labels;
    container.workload = pod.workload;
    container.serviceAccount = pod.serviceAccount;
    container.node = pod.node;
    container.name = facts?.name ?? container.name;
    container.image = facts?.image ?? container.image;
    container.privileged = facts?.privileged ?? container.privileged;
    if (!better) return;
    clearTimeout(this.#timers.get(container.id));
    this.#timers.delete(container.id);
    const wasNamed = container.state === 'filled';
    if (!wasNamed) this.counters.enrich_filled++;
    container.state = 'filled';
    // The name of a container comes with the kubelet's status, often after its first events.
    this.#options.onFill(container, late || wasNamed);
  }
}

/** Keeps the newest CONTAINERS_MAX entries: 8,192 × about 1 KiB = 8 MiB. */
function remember<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= CONTAINERS_MAX) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
