import type { ContainerInfo } from '../../core/events/syscall.ts';
import { containerOfCgroup } from './cgroup.ts';
import type { CriFacts, CriSource } from './cri.ts';
import type { LinkFacts, LogLinks } from './log-links.ts';

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
  /** What the specification says, by name: known before the first container starts. */
  readonly specs: ReadonlyMap<string, ContainerFacts>;
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
  /** False when pods are not watched: then nobody waits for one. */
  readonly hasSource: () => boolean;
  readonly podByUid: (uid: string) => PodFacts | undefined;
  /** The container runtime, asked for what no pod's status tells yet. */
  readonly cri?: Pick<CriSource, 'ask'> | undefined;
  /** What the kubelet's links tell; `linked` is to be called when one appears. */
  readonly links?: Pick<LogLinks, 'byId' | 'isUsed'> | undefined;
  /** Called when a container's metadata arrives or improves; `late` when events went on without it. */
  readonly onFill: (container: ContainerInfo, late: boolean) => void;
  readonly onFail: (container: ContainerInfo) => void;
};

/**
 * One shared ContainerInfo per container id, filled in place when its pod, the kubelet's links or the container
 * runtime tell. The pod is known by the uid in the cgroup's path, ahead of any status.
 */
export class ContainerRegistry {
  readonly #options: ContainerRegistryOptions;
  readonly #byId = new Map<string, ContainerInfo>();
  readonly #byCgroup = new Map<string, ContainerInfo | undefined>();
  readonly #cgroupNames = new Map<number, string>();
  /** The runtime knows these and has no name for them: asking again would change nothing. */
  readonly #sandboxes = new WeakSet<ContainerInfo>();
  readonly #asked = new Set<ContainerInfo>();
  readonly #timers = new Map<ContainerInfo, NodeJS.Timeout>();
  /** Grows with every change of what is known of a container. */
  changes = 0;
  /** Of containers: known in time, never, and only after events of theirs had gone on. */
  readonly counters = { enrich_filled: 0, enrich_failed: 0, enrich_late: 0 };

  constructor(options: ContainerRegistryOptions) {
    this.#options = options;
  }

  /** Remembers the probe's announcement of a cgroup. */
  announce(cgroupId: number, namesLeafFirst: readonly string[]): void {
    remember(this.#cgroupNames, cgroupId, `/${[...namesLeafFirst].reverse().join('/')}`);
  }

  /** Empty for one whose announcement was lost or is long ago. */
  cgroupPath(cgroupId: number): string {
    const path = this.#cgroupNames.get(cgroupId);
    if (path !== undefined) remember(this.#cgroupNames, cgroupId, path);
    return path ?? '';
  }

  /** The container a cgroup path belongs to; undefined = host. */
  ofCgroup(path: string): ContainerInfo | undefined {
    if (this.#byCgroup.has(path)) {
      const known = this.#byCgroup.get(path);
      remember(this.#byCgroup, path, known);
      if (known === undefined) return undefined;
      remember(this.#byId, known.id, known);
      // The source's own pause between two questions about one container is the limit here.
      if (known.state !== 'pending') this.#askRuntime(known);
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
      if (container.podUid !== pod.uid && !pod.containers.has(container.id)) continue;
      this.#learned(container, this.#apply(container, pod));
    }
  }

  /** The kubelet made a link. */
  linked(containerId: string): void {
    const container = this.#byId.get(containerId);
    if (container !== undefined) this.#learned(container, this.#readLink(container));
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
    this.#readLink(container);
    const pod = this.#podOf(container);
    if (pod !== undefined) this.#apply(container, pod);
    this.#askRuntime(container);
    this.#look(container);
    if (container.state === 'pending') this.#wait(container);
    return container;
  }

  #podOf({ podUid }: ContainerInfo): PodFacts | undefined {
    return podUid === undefined ? undefined : this.#options.podByUid(podUid);
  }

  /** The runtime's answer, whatever it is, is handled when it comes. */
  #askRuntime(container: ContainerInfo): void {
    if (container.name !== undefined || this.#sandboxes.has(container)) return;
    const answer = this.#options.cri?.ask(container.id);
    if (answer === undefined) return;
    this.#asked.add(container);
    answer.then((found) => {
      this.#asked.delete(container);
      if (found !== undefined && found.name === undefined) this.#sandboxes.add(container);
      this.#learned(container, found !== undefined && this.#told(container, found));
    });
  }

  #readLink(container: ContainerInfo): boolean {
    const link = this.#options.links?.byId(container.id);
    if (link === undefined) return false;
    const pod = this.#podOf(container);
    // Whoever may write to the node's log directory could otherwise name containers.
    const isOfPod =
      pod === undefined ||
      (pod.name === link.podName && pod.namespace === link.namespace && pod.specs.has(link.name));
    return isOfPod && this.#told(container, link);
  }

  /** Takes what the runtime or a link says where nothing better is known. True when something was. */
  #told(container: ContainerInfo, facts: LinkFacts | CriFacts): boolean {
    this.changes++;
    const isNews =
      (container.name === undefined && facts.name !== undefined) ||
      (container.podName === undefined && facts.podName !== undefined);
    container.podName ??= facts.podName;
    container.namespace ??= facts.namespace;
    container.name ??= facts.name;
    if ('podUid' in facts) {
      container.podUid ??= facts.podUid;
      container.image ??= facts.image;
    }
    const pod = this.#podOf(container);
    return (pod !== undefined && this.#apply(container, pod)) || isNews;
  }

  /** Writes what the pod says; its word on names is the last. True when it was news. */
  #apply(container: ContainerInfo, pod: PodFacts): boolean {
    const byId = pod.containers.get(container.id);
    const facts = byId ?? (container.name === undefined ? undefined : pod.specs.get(container.name));
    this.changes++;
    // Labels come from the pod alone, so without them it has not been applied yet.
    const isNews = container.labels === undefined || (byId !== undefined && container.name !== byId.name);
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
    return isNews;
  }

  #learned(container: ContainerInfo, isNews: boolean): void {
    if (container.state === 'pending') this.#look(container);
    else if (isNews) this.#filled(container);
  }

  /** Ends the wait when nothing is left that could still come. */
  #look(container: ContainerInfo): void {
    if (!this.#lacksPod(container) && !this.#lacksName(container)) this.#settle(container);
  }

  /** The pod tells labels, workload and service account: worth waiting for until the time is up. */
  #lacksPod({ labels, podUid }: ContainerInfo): boolean {
    return labels === undefined && podUid !== undefined && this.#options.hasSource();
  }

  #lacksName(container: ContainerInfo): boolean {
    if (container.name !== undefined || this.#sandboxes.has(container)) return false;
    const hasLink = container.podUid !== undefined && this.#options.links?.isUsed() === true;
    return this.#asked.has(container) || hasLink;
  }

  #wait(container: ContainerInfo): void {
    const timer = setTimeout(() => this.#settle(container), LOOKUP_MS_MAX);
    timer.unref();
    this.#timers.set(container, timer);
  }

  /** What is known by now is enough to go on with; nothing is a failure. */
  #settle(container: ContainerInfo): void {
    clearTimeout(this.#timers.get(container));
    this.#timers.delete(container);
    if (container.podName !== undefined || container.name !== undefined) {
      this.#filled(container);
      return;
    }
    container.state = 'failed';
    this.counters.enrich_failed++;
    this.#options.onFail(container);
  }

  #filled(container: ContainerInfo): void {
    const isLate = container.state !== 'pending';
    if (container.state !== 'filled') this.counters.enrich_filled++;
    if (isLate) this.counters.enrich_late++;
    container.state = 'filled';
    this.#options.onFill(container, isLate);
  }
}

/** Keeps the CONTAINERS_MAX entries used last: 8,192 × about 1 KiB = 8 MiB. */
function remember<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= CONTAINERS_MAX) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
