import type { ContainerInfo } from '../events/syscall.ts';
import type { ThreadState } from './thread-state.ts';
import type { ThreadTable } from './thread-table.ts';

const ID_LENGTH = 12;
/** Names of LXC containers are the only ids that are not cut. */
const ID_CHARS_MAX = 256;
const CONTAINERS_MAX = 8_192;
/** One container event; those of real machines have some kilobytes. */
const JSON_CHARS_MAX = 1024 * 1024;
/** All that container events tell of a capture's containers together. */
const JSON_BYTES_MAX = 16 * 1024 * 1024;
const HEX = '[0-9a-fA-F]{64}';

/**
 * Where runtimes put the container id in a control group path: last component, bare or dressed by systemd.
 * Source: libsinsp container_engine (docker, cri, libpod) layouts.
 */
const RUNTIME_PATHS = [
  new RegExp(`/(${HEX})$`),
  new RegExp(`/(?:docker|crio|cri-containerd|libpod|containerd|nerdctl|buildkit)-(${HEX})(?:\\.scope)?$`),
  new RegExp(`:cri-containerd:(${HEX})$`),
  new RegExp(`/(?:libpod|crio)-(${HEX})(?:\\.scope)?(?:/.*)?$`),
];
const LXC_PATH = /\/(?:lxc|lxc\.payload)[/.]([^/]+)/;

/** Short id of the container that a control group path belongs to. */
function containerIdOf(path: string): string | undefined {
  for (const pattern of RUNTIME_PATHS) {
    const found = pattern.exec(path)?.[1];
    if (found !== undefined) return found.slice(0, ID_LENGTH);
  }
  return LXC_PATH.exec(path)?.[1];
}

/** Finds the container of a thread by its control groups. */
export function resolveContainer(thread: ThreadState, table: ThreadTable): void {
  for (const cgroup of thread.cgroups) {
    const id = containerIdOf(cgroup);
    if (id === undefined) continue;
    thread.container = containerOf(table, id);
    if (thread.container !== undefined) return;
  }
  thread.container = undefined;
}

function containerOf(table: ThreadTable, id: string): ContainerInfo | undefined {
  let container = table.containers.get(id);
  if (container === undefined) {
    if (table.containers.size >= CONTAINERS_MAX || id.length > ID_CHARS_MAX) {
      table.limit('more containers are not followed');
      return undefined;
    }
    container = emptyContainer(id);
    table.containers.set(id, container);
  }
  return container;
}

function emptyContainer(id: string): ContainerInfo {
  return {
    id,
    name: undefined,
    image: undefined,
    privileged: undefined,
    podName: undefined,
    podUid: undefined,
    namespace: undefined,
    labels: undefined,
    workload: undefined,
    serviceAccount: undefined,
    node: undefined,
    state: 'failed',
  };
}

const POD_LABELS = {
  podName: 'io.kubernetes.pod.name',
  podUid: 'io.kubernetes.pod.uid',
  namespace: 'io.kubernetes.pod.namespace',
} as const;

/** Takes over what a container event tells; text that is no such JSON changes nothing. Gives the container. */
export function learnContainer(json: string, table: ThreadTable): ContainerInfo | undefined {
  if (json.length > JSON_CHARS_MAX || table.containerBytes + json.length > JSON_BYTES_MAX) {
    table.limit('container events tell too much');
    return undefined;
  }
  const facts = containerObject(json);
  const id = facts?.id;
  if (facts === undefined || typeof id !== 'string') return undefined;
  const container = containerOf(table, id.slice(0, ID_LENGTH));
  if (container === undefined) return undefined;
  table.containerBytes += json.length - (told.get(container) ?? 0);
  told.set(container, json.length);
  const labels = textMap(facts.labels);
  Object.assign(container, {
    name: text(facts.name),
    image: text(facts.image),
    privileged: typeof facts.privileged === 'boolean' ? facts.privileged : undefined,
    labels,
    podName: labels[POD_LABELS.podName],
    podUid: labels[POD_LABELS.podUid],
    namespace: labels[POD_LABELS.namespace],
    state: 'filled',
    details: {
      fullId: text(facts.full_id),
      type: typeof facts.type === 'number' ? facts.type : undefined,
      imageId: text(facts.imageid),
      imageRepository: text(facts.imagerepo),
      imageTag: text(facts.imagetag),
      imageDigest: text(facts.imagedigest),
      ip: text(facts.ip),
      createdTimeNs:
        typeof facts.created_time === 'number' ? BigInt(facts.created_time) * 1_000_000_000n : undefined,
      mounts: Array.isArray(facts.Mounts) ? facts.Mounts.flatMap(mount) : [],
    },
  } satisfies Partial<ContainerInfo>);
  // Fields of every thread inside change with it.
  table.relativeChanges++;
  return container;
}

/** Length of the event that last told of a container: it takes the place of the one before. */
const told = new WeakMap<ContainerInfo, number>();

function containerObject(json: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(json);
    const inner = isObject(parsed) ? parsed.container : undefined;
    return isObject(inner) ? inner : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function textMap(value: unknown): Record<string, string> {
  const map: Record<string, string> = Object.create(null);
  if (isObject(value)) for (const [key, item] of Object.entries(value)) map[key] = String(item);
  return map;
}

function mount(value: unknown): NonNullable<ContainerInfo['details']>['mounts'][number][] {
  if (!isObject(value)) return [];
  return [
    {
      source: text(value.Source) ?? '',
      dest: text(value.Destination) ?? '',
      mode: text(value.Mode) ?? '',
      writable: value.RW === true,
      propagation: text(value.Propagation) ?? '',
    },
  ];
}
