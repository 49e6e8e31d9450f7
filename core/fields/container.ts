import type { ContainerInfo, ThreadInfo } from '../events/syscall.ts';
import { type FieldClass, type FieldDef, type FieldType, syscallFields, type Value } from './types.ts';

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

/** Facts of the runtime that the live form does not carry; the names exist so that rules load. */
function unknown(name: string, type: FieldType, help: string): FieldDef {
  return syscallFields('container')(name, type, help, () => undefined, {
    argument: { form: 'key', required: false },
  });
}

function label(cls: FieldClass, name: string, help: string): FieldDef {
  return syscallFields(cls)(name, 'string', help, (e, key) => e.thread?.container?.labels?.[key], {
    argument: { form: 'key', required: true },
  });
}

function labelsText(c: ContainerInfo): string | undefined {
  if (!c.labels) return undefined;
  const texts = Object.entries(c.labels).map(([key, value]) => `${key}:${value}`);
  return texts.length > 0 ? texts.join(', ') : undefined;
}

function infoText(thread: ThreadInfo): string {
  const container = thread.container;
  if (!container) return 'host';
  return `${container.name ?? '<NA>'} (id=${containerId(thread)})`;
}

const define = syscallFields('container');

export const CONTAINER_FIELDS: readonly FieldDef[] = [
  define('container.id', 'string', 'Short container id, or host', (e) => e.thread && containerId(e.thread)),
  ofContainer('container', 'container.full_id', 'string', 'Full container id', (c) => c.id),
  ofContainer('container', 'container.name', 'string', 'Container name', (c) => c.name),
  ofContainer('container', 'container.image', 'string', 'Image reference', (c) => c.image),
  ofContainer('container', 'container.image.repository', 'string', 'Image without tag and digest', (c) =>
    c.image === undefined ? undefined : imageRepository(c.image),
  ),
  ofContainer('container', 'container.image.tag', 'string', 'Image tag', (c) =>
    c.image === undefined ? undefined : imageTag(c.image),
  ),
  ofContainer('container', 'container.image.digest', 'string', 'Image digest', (c) =>
    c.image === undefined ? undefined : imageDigest(c.image),
  ),
  ofContainer(
    'container',
    'container.privileged',
    'bool',
    'The container is privileged',
    (c) => c.privileged,
  ),
  define('container.info', 'string', 'Name and id', (e) => e.thread && infoText(e.thread)),
  label('container', 'container.label', 'One label'),
  ofContainer('container', 'container.labels', 'string', 'All labels', labelsText),
  unknown('container.image.id', 'string', 'Image id'),
  unknown('container.type', 'string', 'Container runtime'),
  unknown('container.start_ts', 'number', 'Start of the container, ns'),
  unknown('container.duration', 'number', 'Age of the container, ns'),
  unknown('container.mounts', 'string', 'All mounts'),
  unknown('container.mount', 'string', 'One mount'),
  unknown('container.mount.dest', 'path', 'Destination of a mount, by glob'),
  unknown('container.mount.source', 'path', 'Source of a mount, by glob'),
  unknown('container.mount.mode', 'string', 'Mode of a mount, by glob'),
  unknown('container.mount.rdwr', 'string', 'Whether a mount is writable, by glob'),
  unknown('container.ip', 'string', 'Address of the container'),
  ofContainer('k8s', 'k8s.ns.name', 'string', 'Namespace', (c) => c.namespace),
  ofContainer('k8s', 'k8s.pod.name', 'string', 'Pod', (c) => c.podName),
  ofContainer('k8s', 'k8s.pod.uid', 'string', 'Pod uid', (c) => c.podUid),
  ofContainer('k8s', 'k8s.pod.id', 'string', 'Pod uid', (c) => c.podUid),
  ofContainer('k8s', 'k8s.pod.labels', 'string', 'Labels of the pod', labelsText),
  label('k8s', 'k8s.pod.label', 'One label of the pod'),
];
