import type { AuditEvent } from '../events/syscall.ts';
import { imageRepository } from './container.ts';
import { asList, asObject, asText, at, pointer } from './json.ts';
import { auditFields, type FieldDef, type FieldType } from './types.ts';

const ka = auditFields('ka');
const jevt = auditFields('jevt');
type Raw = AuditEvent['raw'];

/** Falco reads no field at all from an object without auditID. */
const isAudit = (raw: Raw): boolean => typeof at(raw, 'auditID') === 'string';

function path(name: string, type: FieldType, help: string, ...keys: readonly string[]): FieldDef {
  return ka(name, type, help, (e) => (isAudit(e.raw) ? asText(at(e.raw, ...keys)) : undefined));
}

/** A list: element texts; [n] selects one. Elements without a value are skipped. */
function list(name: string, help: string, read: (raw: Raw) => readonly unknown[]): FieldDef {
  return ka(
    name,
    'string',
    help,
    (e, argument) => {
      if (!isAudit(e.raw)) return undefined;
      const texts: string[] = [];
      for (const value of read(e.raw)) {
        const text = asText(value);
        if (text !== undefined) texts.push(text);
      }
      if (argument !== undefined) return texts[Number(argument)];
      return texts.length > 0 ? texts : undefined;
    },
    { argument: { form: 'index', required: false }, cardinality: 'list' },
  );
}

const request = (raw: Raw, ...keys: readonly string[]): unknown => at(raw, 'requestObject', ...keys);
const subjects = (raw: Raw): readonly unknown[] => asList(request(raw, 'subjects'));
const rules = (raw: Raw): readonly unknown[] => asList(request(raw, 'rules'));

const subjectNames = (kind: string) => (raw: Raw) =>
  subjects(raw)
    .filter((s) => at(s, 'kind') === kind)
    .map((s) => at(s, 'name'));

/** The uri's first value of a query parameter. */
function uriParameter(raw: Raw, name: string): string | undefined {
  const uri = asText(at(raw, 'requestURI'));
  const question = uri?.indexOf('?') ?? -1;
  if (uri === undefined || question < 0) return undefined;
  return new URLSearchParams(uri.slice(question + 1)).get(name) ?? undefined;
}

type ContainerList = 'containers' | 'initContainers' | 'ephemeralContainers';

/** Fields over one of a pod's container lists; a pod template carries them one level deeper. */
function containerFields(which: ContainerList): readonly FieldDef[] {
  const podSpec = (raw: Raw): unknown => request(raw, 'spec');
  const all = (raw: Raw): readonly unknown[] => {
    const direct = asList(at(podSpec(raw), which));
    return direct.length > 0 ? direct : asList(request(raw, which));
  };
  const each = (suffix: string, help: string, read: (c: unknown, raw: Raw) => unknown): FieldDef =>
    list(`ka.req.pod.${which}.${suffix}`, help, (raw) => all(raw).map((c) => read(c, raw)));
  const flat = (suffix: string, help: string, read: (c: unknown) => readonly unknown[]): FieldDef =>
    list(`ka.req.pod.${which}.${suffix}`, help, (raw) => all(raw).flatMap(read));
  const security =
    (key: string) =>
    (c: unknown): unknown =>
      at(c, 'securityContext', key);
  const effective = (key: string) => (c: unknown, raw: Raw) =>
    at(c, 'securityContext', key) ?? at(podSpec(raw), 'securityContext', key) ?? 0;
  return [
    each('name', 'Container names', (c) => at(c, 'name')),
    each('image', 'Container images', (c) => at(c, 'image')),
    each('image.repository', 'Container images without tag and digest', (c) => {
      const image = asText(at(c, 'image'));
      return image === undefined ? undefined : imageRepository(image);
    }),
    flat('args', 'Container arguments', (c) => asList(at(c, 'args'))),
    flat('command', 'Container commands', (c) => asList(at(c, 'command'))),
    flat('host_port', 'Host ports', (c) => asList(at(c, 'ports')).map((p) => at(p, 'hostPort'))),
    each('privileged', 'Privileged flags', security('privileged')),
    each(
      'allow_privilege_escalation',
      'allowPrivilegeEscalation flags',
      security('allowPrivilegeEscalation'),
    ),
    each('read_only_fs', 'readOnlyRootFilesystem flags', security('readOnlyRootFilesystem')),
    each('run_as_user', 'User ids', security('runAsUser')),
    each('run_as_group', 'Group ids', security('runAsGroup')),
    each('eff_run_as_user', 'User ids after pod defaults', effective('runAsUser')),
    each('eff_run_as_group', 'Group ids after pod defaults', effective('runAsGroup')),
    flat('add_capabilities', 'Added capabilities', (c) =>
      asList(at(c, 'securityContext', 'capabilities', 'add')),
    ),
    each('proc_mount', 'Kinds of proc mount', security('procMount')),
  ];
}

const volumes = (raw: Raw): readonly unknown[] => asList(request(raw, 'spec', 'volumes'));

function volumeTypes(raw: Raw): readonly unknown[] {
  return volumes(raw).flatMap((v) => Object.keys(asObject(v) ?? {}).filter((key) => key !== 'name'));
}

function podName(raw: Raw): unknown {
  if (at(raw, 'objectRef', 'resource') !== 'pods' || at(raw, 'objectRef', 'subresource') !== undefined)
    return undefined;
  return at(raw, 'responseObject', 'metadata', 'name');
}

/** Fields of the first audit rules (engine 4), kept because rules in the field still use them. */
function deprecatedFields(): readonly FieldDef[] {
  const first = (raw: Raw, key: string): unknown => at(asList(request(raw, 'spec', 'containers'))[0], key);
  const read = (name: string, help: string, value: (raw: Raw) => unknown): FieldDef =>
    ka(name, 'string', help, (e) => (isAudit(e.raw) ? asText(value(e.raw)) : undefined), {
      deprecated: true,
    });
  const keyed = { argument: { form: 'key', required: true }, deprecated: true } as const;
  return [
    read('ka.req.container.image', 'Image of the first container', (raw) => first(raw, 'image')),
    read('ka.req.container.image.repository', 'Repository of the first container', (raw) => {
      const image = asText(first(raw, 'image'));
      return image === undefined ? undefined : imageRepository(image);
    }),
    read('ka.req.container.host_network', 'Host network flag', (raw) => request(raw, 'spec', 'hostNetwork')),
    read('ka.req.container.privileged', 'Whether some container is privileged', (raw) =>
      asList(request(raw, 'spec', 'containers')).some((c) => at(c, 'securityContext', 'privileged') === true),
    ),
    ka(
      'ka.req.binding.subject.has_name',
      'string',
      'Always true',
      (e) => (isAudit(e.raw) ? 'true' : undefined),
      keyed,
    ),
    ka(
      'ka.req.volume.hostpath',
      'string',
      'Whether a volume mounts the host path; a trailing * makes it a prefix',
      (e, wanted = '') => {
        if (!isAudit(e.raw)) return undefined;
        const prefix = wanted.endsWith('*') ? wanted.slice(0, -1) : undefined;
        const paths = volumes(e.raw).map((v) => asText(at(v, 'hostPath', 'path')) ?? '');
        const hit = paths.some(
          (path) => path !== '' && (path === wanted || (prefix !== undefined && path.startsWith(prefix))),
        );
        return String(hit);
      },
      keyed,
    ),
  ];
}

export const KA_FIELDS: readonly FieldDef[] = [
  path('ka.auditid', 'string', 'Audit id', 'auditID'),
  path('ka.stage', 'string', 'Stage of the request', 'stage'),
  path('ka.verb', 'string', 'Verb of the request', 'verb'),
  path('ka.uri', 'string', 'Request URI', 'requestURI'),
  ka(
    'ka.uri.param',
    'string',
    'First value of a query parameter',
    (e, name) => (isAudit(e.raw) ? uriParameter(e.raw, name ?? '') : undefined),
    { argument: { form: 'key', required: true } },
  ),
  path('ka.useragent', 'string', 'User agent', 'userAgent'),
  list('ka.sourceips', 'Source addresses', (raw) => asList(at(raw, 'sourceIPs'))),
  path(
    'ka.auth.decision',
    'string',
    'Authorisation decision',
    'annotations',
    'authorization.k8s.io/decision',
  ),
  path('ka.auth.reason', 'string', 'Authorisation reason', 'annotations', 'authorization.k8s.io/reason'),
  path(
    'ka.auth.openshift.decision',
    'string',
    'OpenShift decision',
    'annotations',
    'authentication.openshift.io/decision',
  ),
  path(
    'ka.auth.openshift.username',
    'string',
    'OpenShift user',
    'annotations',
    'authentication.openshift.io/username',
  ),
  path('ka.user.name', 'string', 'User of the request', 'user', 'username'),
  list('ka.user.groups', 'Groups of the user', (raw) => asList(at(raw, 'user', 'groups'))),
  path('ka.impuser.name', 'string', 'Impersonated user', 'impersonatedUser', 'username'),
  path('ka.target.name', 'string', 'Name of the target object', 'objectRef', 'name'),
  path('ka.target.namespace', 'string', 'Namespace of the target object', 'objectRef', 'namespace'),
  path('ka.target.resource', 'string', 'Resource of the target object', 'objectRef', 'resource'),
  path('ka.target.subresource', 'string', 'Subresource of the target object', 'objectRef', 'subresource'),
  ka('ka.target.pod.name', 'string', 'Name of the created pod', (e) =>
    isAudit(e.raw) ? asText(podName(e.raw)) : undefined,
  ),
  list('ka.req.binding.subjects', 'Subjects of a binding', subjects),
  list('ka.req.binding.subjects.user_names', 'Users of a binding', subjectNames('User')),
  list('ka.req.binding.subjects.serviceaccount_names', 'Service accounts', subjectNames('ServiceAccount')),
  list('ka.req.binding.subjects.serviceaccount_ns_names', 'Service accounts as namespace:name', (raw) =>
    subjects(raw)
      .filter((s) => at(s, 'kind') === 'ServiceAccount')
      .map((s) => `${asText(at(s, 'namespace')) ?? ''}:${asText(at(s, 'name')) ?? ''}`),
  ),
  list('ka.req.binding.subjects.group_names', 'Groups of a binding', subjectNames('Group')),
  path('ka.req.binding.role', 'string', 'Role of a binding', 'requestObject', 'roleRef', 'name'),
  path('ka.req.configmap.name', 'string', 'Name of the config map', 'objectRef', 'name'),
  path('ka.req.configmap.obj', 'string', 'Data of the config map', 'requestObject', 'data'),
  ...deprecatedFields(),
  ...containerFields('containers'),
  ...containerFields('initContainers'),
  ...containerFields('ephemeralContainers'),
  path('ka.req.pod.host_ipc', 'string', 'Host IPC flag', 'requestObject', 'spec', 'hostIPC'),
  path('ka.req.pod.host_network', 'string', 'Host network flag', 'requestObject', 'spec', 'hostNetwork'),
  path('ka.req.pod.host_pid', 'string', 'Host PID flag', 'requestObject', 'spec', 'hostPID'),
  path(
    'ka.req.pod.run_as_user',
    'string',
    'User id',
    'requestObject',
    'spec',
    'securityContext',
    'runAsUser',
  ),
  path(
    'ka.req.pod.run_as_group',
    'string',
    'Group id',
    'requestObject',
    'spec',
    'securityContext',
    'runAsGroup',
  ),
  path(
    'ka.req.pod.fs_group',
    'string',
    'File system group',
    'requestObject',
    'spec',
    'securityContext',
    'fsGroup',
  ),
  list('ka.req.pod.supplemental_groups', 'Supplemental groups', (raw) =>
    asList(request(raw, 'spec', 'securityContext', 'supplementalGroups')),
  ),
  list('ka.req.pod.volumes.hostpath', 'Host paths of volumes', (raw) =>
    volumes(raw).map((v) => at(v, 'hostPath', 'path')),
  ),
  list('ka.req.pod.volumes.flexvolume_driver', 'Flex volume drivers', (raw) =>
    volumes(raw).map((v) => at(v, 'flexVolume', 'driver')),
  ),
  list('ka.req.pod.volumes.volume_type', 'Types of volumes', volumeTypes),
  list('ka.req.role.rules', 'Rules of a role', rules),
  list('ka.req.role.rules.apiGroups', 'API groups', (raw) =>
    rules(raw).flatMap((r) => asList(at(r, 'apiGroups'))),
  ),
  list('ka.req.role.rules.nonResourceURLs', 'Non-resource URLs', (raw) =>
    rules(raw).flatMap((r) => asList(at(r, 'nonResourceURLs'))),
  ),
  list('ka.req.role.rules.verbs', 'Verbs', (raw) => rules(raw).flatMap((r) => asList(at(r, 'verbs')))),
  list('ka.req.role.rules.resources', 'Resources', (raw) =>
    rules(raw).flatMap((r) => asList(at(r, 'resources'))),
  ),
  path('ka.req.service.type', 'string', 'Type of the service', 'requestObject', 'spec', 'type'),
  list('ka.req.service.ports', 'Ports of the service', (raw) => asList(request(raw, 'spec', 'ports'))),
  path('ka.resp.name', 'string', 'Name in the response', 'responseObject', 'metadata', 'name'),
  path('ka.response.code', 'string', 'Response code', 'responseStatus', 'code'),
  path('ka.response.reason', 'string', 'Response reason', 'responseStatus', 'reason'),
  path('ka.cluster.name', 'string', 'Cluster annotation', 'annotations', 'cluster.name'),
  jevt('jevt.value', 'string', 'Value at a JSON pointer', (e, text) => asText(pointer(e.raw, text ?? '')), {
    argument: { form: 'pointer', required: true },
  }),
  jevt('jevt.obj', 'string', 'The whole event as JSON', (e) => asText(e.raw)),
  jevt('jevt.rawtime', 'number', 'Time in ns since the epoch', (e) => e.timeNs),
  jevt('jevt.time', 'string', 'Time of the event', (e) =>
    new Date(Number(e.timeNs / 1_000_000n)).toISOString(),
  ),
  jevt('jevt.time.iso8601', 'string', 'ISO 8601 time', (e) =>
    new Date(Number(e.timeNs / 1_000_000n)).toISOString(),
  ),
];
