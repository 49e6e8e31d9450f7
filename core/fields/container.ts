import type { ContainerEntry, ContainerInfo, ThreadInfo } from '../events/syscall.ts';
import { globMatcher } from './glob.ts';
import {
  type Extract,
  type FieldClass,
  type FieldDef,
  type FieldType,
  syscallFields,
  type Value,
} from './types.ts';

/** Falco's short id. */
const ID_LENGTH = 12;
const shortIds = new WeakMap<ContainerInfo, string>();

/** First 12 characters of the id; `host` outside containers. */
export function containerId(thread: ThreadInfo): string {
  const container = thread.container;
  if (!container) return 'host';
  const known = shortIds.get(container);
  if (known !== undefined) return known;
  const text = container.id.slice(0, ID_LENGTH);
  shortIds.set(container, text);
  return text;
}

/** Repository of an image reference: without tag and digest. */
export function imageRepository(image: string): string {
  const digest = image.indexOf('@');
  const name = digest < 0 ? image : image.slice(0, digest);
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}

/** Tag of an image reference, when it names one. */
export function imageTag(image: string): string | undefined {
  const name = image.split('@', 1)[0] ?? image;
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(colon + 1) : undefined;
}

function imageDigest(image: string): string | undefined {
  const digest = image.indexOf('@');
  return digest < 0 ? undefined : image.slice(digest + 1);
}

type Details = NonNullable<ContainerInfo['details']>;
type Mount = Details['mounts'][number];

function ofContainer(
  cls: FieldClass,
  name: string,
  type: FieldType,
  help: string,
  read: (c: ContainerInfo) => Value | undefined,
): FieldDef {
  return syscallFields(cls)(name, type, help, (e) =>
    e.thread?.container ? read(e.thread.container) : undefined,
  );
}

/** A fact that processes outside containers show as `host`. */
function orHost(name: string, help: string, read: (c: ContainerInfo) => string | undefined): FieldDef {
  return syscallFields('container')(name, 'string', help, (e) => {
    if (!e.thread) return undefined;
    return e.thread.container ? read(e.thread.container) || undefined : 'host';
  });
}

/** A part of the image's name: as the runtime tells it, else read from the name. */
function ofImage(
  name: string,
  help: string,
  told: (d: Details) => string | undefined,
  parsed: (image: string) => string | undefined,
): FieldDef {
  return ofContainer('container', name, 'string', help, (c) => {
    if (c.details) return told(c.details) || undefined;
    return c.image === undefined ? undefined : parsed(c.image);
  });
}

/** Names of the runtimes by their number in container events. Source: libsinsp sinsp_container_type. */
const RUNTIMES: readonly (string | undefined)[] = [
  ...['docker', 'lxc', 'libvirt-lxc', 'mesos', 'rkt'],
  ...[undefined, 'cri', 'containerd', 'cri-o', 'bpm'],
  ...['static', 'podman'],
];
/** Runtimes that tell whether a container is privileged. */
const TELLS_PRIVILEGED: ReadonlySet<number> = new Set([0, 6, 7, 8]);

function privileged(c: ContainerInfo): boolean | undefined {
  if (!c.details) return c.privileged;
  return TELLS_PRIVILEGED.has(c.details.type ?? -1) ? (c.privileged ?? false) : undefined;
}

const mountsOf = (c: ContainerInfo | undefined): readonly Mount[] | undefined =>
  c?.details?.mounts ?? c?.mounts;

function mountText(m: Mount): string {
  return `${m.source}:${m.dest}:${m.mode}:${m.writable}:${m.propagation}`;
}

const POSITION = /^\d+$/;

/** One mount, by its position or by a glob over its source (its destination where the source is asked for). */
function ofMount(
  name: string,
  type: FieldType,
  help: string,
  read: (m: Mount) => string,
  key: 'source' | 'dest' = 'source',
): FieldDef {
  const bind = (argument: string | undefined): Extract => {
    const text = argument ?? '';
    const found = POSITION.test(text) ? undefined : globMatcher(text);
    return (e) => {
      const mounts = e.source === 'syscall' ? mountsOf(e.thread?.container) : undefined;
      const mount = found ? mounts?.find((m) => found(m[key])) : mounts?.[Number(text)];
      return mount && read(mount);
    };
  };
  const argument = { form: 'key', required: true } as const;
  return { ...syscallFields('container')(name, type, help, () => undefined, { argument }), bind };
}

/** Runtimes tell of health checks in a form that is not kept: a container whose facts are known has none. */
function probe(name: string, help: string): FieldDef {
  return ofContainer('container', name, 'string', help, (c) => (c.details ? 'NONE' : undefined));
}

function podLabels(c: ContainerInfo): ContainerInfo['labels'] {
  return c.details && c.podName === undefined ? undefined : c.labels;
}

function label(
  cls: FieldClass,
  name: string,
  help: string,
  of: (c: ContainerInfo) => ContainerInfo['labels'],
): FieldDef {
  return syscallFields(cls)(
    name,
    'string',
    help,
    (e, key) => (e.thread?.container ? of(e.thread.container)?.[key] : undefined),
    { argument: { form: 'key', required: true } },
  );
}

/** Labels as text; those of the orchestrator itself are left out. */
function labelsText(labels: ContainerInfo['labels']): string | undefined {
  const texts = Object.entries(labels ?? {})
    .filter(([key]) => !key.startsWith('io.kubernetes.') && !key.startsWith('annotation.'))
    .map(([key, value]) => (value === '' ? key : `${key}:${value}`));
  return texts.length > 0 ? texts.join(', ') : undefined;
}

function infoText(thread: ThreadInfo): string {
  const container = thread.container;
  if (!container) return 'host';
  return `${container.name ?? '<NA>'} (id=${containerId(thread)})`;
}

const define = syscallFields('container');

/** What the API server knows; nothing here asks it. The names exist so that rules load. */
const API_SERVER_FIELDS = ['rc', 'svc', 'rs', 'deployment'].flatMap((kind) => [
  apiServer(`k8s.${kind}.name`),
  apiServer(`k8s.${kind}.id`),
  apiServer(`k8s.${kind}.label`, true),
  apiServer(`k8s.${kind}.labels`),
]);

function apiServer(name: string, required?: boolean): FieldDef {
  const extra = required === undefined ? {} : { argument: { form: 'key', required } as const };
  return syscallFields('k8s')(name, 'string', 'Never has a value', () => undefined, extra);
}

/** How the process came into its container; nothing for the container's own first program. */
function ofEntry(
  name: string,
  type: FieldType,
  help: string,
  read: (entry: ContainerEntry) => Value | undefined,
): FieldDef {
  return define(`container.entry.${name}`, type, help, (e) => {
    const entry = e.thread?.entry;
    return entry === undefined || entry.vpid === 1 ? undefined : read(entry);
  });
}

export const CONTAINER_FIELDS: readonly FieldDef[] = [
  ofEntry(
    'pid',
    'number',
    'Process that was started in the container from outside and led to this one',
    (t) => t.pid,
  ),
  ofEntry('ts', 'number', 'Start of that process, ns since the epoch', (t) => t.timeNs),
  ofEntry('cmdline', 'string', 'Command line with which it was started', (t) => t.cmdline),
  define('container.id', 'string', 'Short container id, or host', (e) => e.thread && containerId(e.thread)),
  orHost('container.full_id', 'Full container id, or host', (c) => (c.details ? c.details.fullId : c.id)),
  orHost('container.name', 'Container name, or host', (c) => c.name),
  ofContainer('container', 'container.image', 'string', 'Image reference', (c) => c.image || undefined),
  ofImage(
    'container.image.repository',
    'Image without tag and digest',
    (d) => d.imageRepository,
    imageRepository,
  ),
  ofImage('container.image.tag', 'Image tag', (d) => d.imageTag, imageTag),
  ofImage('container.image.digest', 'Image digest', (d) => d.imageDigest, imageDigest),
  ofImage(
    'container.image.id',
    'Image id',
    (d) => d.imageId,
    () => undefined,
  ),
  orHost('container.type', 'Container runtime, or host', (c) => RUNTIMES[c.details?.type ?? -1]),
  ofContainer('container', 'container.privileged', 'bool', 'The container is privileged', privileged),
  define('container.info', 'string', 'Name and id', (e) => e.thread && infoText(e.thread)),
  label('container', 'container.label', 'One label', (c) => c.labels),
  ofContainer('container', 'container.labels', 'string', 'All labels', (c) => labelsText(c.labels)),
  define('container.start_ts', 'number', 'Start of the container, ns', (e) =>
    e.thread?.container ? e.thread.pidnsInitStartTs || undefined : undefined,
  ),
  define('container.duration', 'number', 'Age of the container, ns', (e) => {
    const start = e.thread?.container && e.thread.pidnsInitStartTs;
    return start ? e.timeNs - start : undefined;
  }),
  ofContainer('container', 'container.mounts', 'string', 'All mounts, separated by commas', (c) =>
    mountsOf(c)?.map(mountText).join(','),
  ),
  ofMount('container.mount', 'string', 'One mount: [n], or [source] as a glob', mountText),
  ofMount(
    'container.mount.source',
    'path',
    'Source of a mount: [n], or [destination]',
    (m) => m.source,
    'dest',
  ),
  ofMount('container.mount.dest', 'path', 'Destination of a mount: [n], or [source]', (m) => m.dest),
  ofMount('container.mount.mode', 'string', 'Mode of a mount: [n], or [source]', (m) => m.mode),
  ofMount('container.mount.rdwr', 'string', 'Whether a mount is writable: [n], or [source]', (m) =>
    String(m.writable),
  ),
  ofMount(
    'container.mount.propagation',
    'string',
    'Propagation of a mount: [n], or [source]',
    (m) => m.propagation,
  ),
  ofContainer(
    'container',
    'container.ip',
    'string',
    'Address of the container',
    (c) => c.details?.ip || undefined,
  ),
  probe('container.healthcheck', 'Health check, or NONE'),
  probe('container.liveness_probe', 'Liveness probe, or NONE'),
  probe('container.readiness_probe', 'Readiness probe, or NONE'),
  ofContainer('k8s', 'k8s.ns.name', 'string', 'Namespace', (c) => c.namespace),
  apiServer('k8s.ns.id'),
  apiServer('k8s.ns.label', true),
  apiServer('k8s.ns.labels'),
  ofContainer('k8s', 'k8s.pod.name', 'string', 'Pod', (c) => c.podName),
  ofContainer('k8s', 'k8s.pod.uid', 'string', 'Pod uid', (c) => c.podUid),
  ofContainer('k8s', 'k8s.pod.id', 'string', 'Pod uid', (c) => c.podUid),
  ofContainer('k8s', 'k8s.pod.labels', 'string', 'Labels of the pod', (c) => labelsText(podLabels(c))),
  label('k8s', 'k8s.pod.label', 'One label of the pod', podLabels),
  ...API_SERVER_FIELDS,
];
