import type { ContainerInfo } from '../../core/events/syscall.ts';
import { containerOfCgroup } from './cgroup.ts';
import type { CriFacts, CriSource } from './cri.ts';

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
  readonly mounts?: ContainerInfo['mounts'];
};

export type ContainerRegistryOptions = {
  /** False when pods are not watched: then only the container runtime, if given, is waited for. */
  readonly hasSource: () => boolean;
  readonly podByUid: (uid: string) => PodFacts | undefined;
  /** The container runtime, asked for what no pod's status tells yet. */
  readonly cri?: Pick<CriSource, 'ask'> | undefined;
  /** Called when a container's metadata arrives or improves; `late` when events went on without it. */
  readonly onFill: (container: ContainerInfo, late: boolean) => void;
  readonly onFail: (container: ContainerInfo) => void;
};

/** One shared ContainerInfo per container id, filled in place when its pod or the container runtime tells. */
export class ContainerRegistry {
  readonly #options: ContainerRegistryOptions;
  readonly #byId = new Map<string, ContainerInfo>();
  readonly #byCgroup = new Map<string, ContainerInfo | undefined>();
  readonly #cgroupNames = new Map<number, string>();
  /** The runtime knows these and has no name for them: asking again would change nothing. */
  readonly #sandboxes = new WeakSet<ContainerInfo>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Grows with every change of what is known of a container. */
  changes = 0;
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
    if (this.#byCgroup.has(path)) {
      const known = this.#byCgroup.get(path);
      // The source's own pause between two questions about one container is the limit here.
      if (known !== undefined && known.state !== 'pending') this.#askRuntime(known);
      return known;
    }
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
    const isAsked = this.#askRuntime(container, pod);
    if (!isAsked && pod !== undefined) this.#fill(container, pod);
    else if (isAsked || this.#awaitsPod(container)) this.#wait(container);
    else this.#fail(container);
    return container;
  }

  /** True when the container runtime was asked; its answer, whatever it is, is handled when it comes. */
  #askRuntime(container: ContainerInfo, pod?: PodFacts): boolean {
    const facts = pod?.containers.get(container.id);
    const isKnown = (facts?.name ?? container.name) !== undefined || this.#sandboxes.has(container);
    const answer = isKnown ? undefined : this.#options.cri?.ask(container.id);
    answer?.then((found) => this.#answered(container, found));
    return answer !== undefined;
  }

  #answered(container: ContainerInfo, found: CriFacts | undefined): void {
    this.changes++;
    if (found !== undefined) {
      if (found.name === undefined) this.#sandboxes.add(container);
      container.podUid ??= found.podUid;
      container.podName ??= found.podName;
      container.namespace ??= found.namespace;
      const isNew = container.name === undefined && found.name !== undefined;
      container.name ??= found.name;
      container.image ??= found.image;
      if (isNew && container.state === 'filled') this.#options.onFill(container, true);
    }
    const pod = container.podUid === undefined ? undefined : this.#options.podByUid(container.podUid);
    if (pod !== undefined && container.state !== 'filled') this.#fill(container, pod);
    else if (container.state === 'failed') this.#settle(container);
    // The pod tells labels, workload and service account: worth waiting for until the time is up.
    else if (container.state === 'pending' && !this.#awaitsPod(container)) this.#settle(container);
  }

  #awaitsPod(container: ContainerInfo): boolean {
    return this.#options.hasSource() && container.podUid !== undefined;
  }

  #wait(container: ContainerInfo): void {
    const timer = setTimeout(() => {
      this.#timers.delete(container.id);
      this.#settle(container);
    }, LOOKUP_MS_MAX);
    timer.unref();
    this.#timers.set(container.id, timer);
  }

  /** No pod came: what the container runtime told is enough to go on with, nothing is a failure. */
  #settle(container: ContainerInfo): void {
    if (container.podName !== undefined || container.name !== undefined) this.#filled(container);
    else if (container.state === 'pending') this.#fail(container);
  }

  #fail(container: ContainerInfo): void {
    clearTimeout(this.#timers.get(container.id));
    this.#timers.delete(container.id);
    container.state = 'failed';
    this.counters.enrich_failed++;
    this.#options.onFail(container);
  }

  #fill(container: ContainerInfo, pod: PodFacts): void {
    const facts = pod.containers.get(container.id);
    this.changes++;
    // Labels come from the pod alone, so without them it has not been applied yet.
    const isBetter =
      container.state !== 'filled' ||
      container.labels === undefined ||
      (facts !== undefined && container.name === undefined);
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
    if (facts?.mounts !== undefined) container.mounts = facts.mounts;
    if (isBetter) this.#filled(container);
  }

  #filled(container: ContainerInfo): void {
    clearTimeout(this.#timers.get(container.id));
    this.#timers.delete(container.id);
    const before = container.state;
    if (before !== 'filled') this.counters.enrich_filled++;
    container.state = 'filled';
    // The name of a container comes with the kubelet's status, often after its first events.
    this.#options.onFill(container, before !== 'pending');
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
