import { z } from 'zod';
import type { ContainerFacts, PodFacts } from './containers.ts';

const ended = z.object({ terminated: z.object({ containerID: z.string().nullish() }).nullish() }).nullish();
const status = z.object({
  name: z.string(),
  image: z.string().nullish(),
  containerID: z.string().nullish(),
  state: ended,
  /** The run before this one: of a container that restarts fast, often the only word on it. */
  lastState: ended,
});
const container = z.object({
  name: z.string(),
  image: z.string().nullish(),
  securityContext: z.object({ privileged: z.boolean().nullish() }).nullish(),
  volumeMounts: z
    .array(z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().nullish() }))
    .nullish(),
});
const statuses = z.array(status).nullish();
const containers = z.array(container).nullish();

/** The part of a v1 Pod that events carry; everything else is ignored. */
const podSchema = z.object({
  metadata: z.object({
    uid: z.string(),
    name: z.string(),
    namespace: z.string(),
    labels: z.record(z.string(), z.string()).nullish(),
    annotations: z.record(z.string(), z.string()).nullish(),
    ownerReferences: z
      .array(z.object({ kind: z.string(), name: z.string(), controller: z.boolean().nullish() }))
      .nullish(),
  }),
  spec: z
    .object({
      nodeName: z.string().nullish(),
      serviceAccountName: z.string().nullish(),
      volumes: z
        .array(z.object({ name: z.string(), hostPath: z.object({ path: z.string() }).nullish() }))
        .nullish(),
      containers,
      initContainers: containers,
      ephemeralContainers: containers,
    })
    .nullish(),
  status: z
    .object({
      containerStatuses: statuses,
      initContainerStatuses: statuses,
      ephemeralContainerStatuses: statuses,
    })
    .nullish(),
});
type Pod = z.infer<typeof podSchema>;

/** Facts of a pod as the API sends it; undefined when it is not one. */
export function podFacts(value: unknown): PodFacts | undefined {
  const parsed = podSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const { metadata, spec } = parsed.data;
  const labels = metadata.labels ?? {};
  const specs = containerSpecs(parsed.data);
  return {
    // The kubelet names the cgroup of a static pod after its configuration's hash, not the mirror's uid.
    uid: metadata.annotations?.['kubernetes.io/config.hash'] ?? metadata.uid,
    name: metadata.name,
    namespace: metadata.namespace,
    labels,
    workload: workloadOf(metadata, labels),
    serviceAccount: spec?.serviceAccountName ?? undefined,
    node: spec?.nodeName ?? undefined,
    specs,
    containers: containersById(parsed.data, specs),
  };
}

/**
 * Owner as `Kind/name`. A Deployment's ReplicaSet and a CronJob's Job are named after it, so the owner's
 * owner is known without asking: the template hash label and the schedule's minute are cut off.
 */
function workloadOf(metadata: Pod['metadata'], labels: Readonly<Record<string, string>>): string | undefined {
  const owners = metadata.ownerReferences ?? [];
  const owner = owners.find((o) => o.controller) ?? owners[0];
  if (owner === undefined) return `Pod/${metadata.name}`;
  const hash = labels['pod-template-hash'];
  if (owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`)) {
    return `Deployment/${owner.name.slice(0, -hash.length - 1)}`;
  }
  // CronJob jobs end in minutes since the epoch (8 digits until the year 2160).
  const scheduled = owner.kind === 'Job' ? /^(.+)-\d{8}$/.exec(owner.name)?.[1] : undefined;
  return scheduled === undefined ? `${owner.kind}/${owner.name}` : `CronJob/${scheduled}`;
}

type VolumeMount = NonNullable<z.infer<typeof container>['volumeMounts']>[number];

/** Other volumes than the host's directories are made by the kubelet, and their source is not in the specification. */
function mountsOf(
  mounts: readonly VolumeMount[] | undefined,
  hostPaths: ReadonlyMap<string, string>,
): ContainerFacts['mounts'] {
  return mounts?.map(({ name, mountPath, readOnly }) => ({
    source: hostPaths.get(name) ?? '',
    dest: mountPath,
    mode: '',
    writable: !readOnly,
    propagation: '',
  }));
}

/** By name, which is unique in a pod across all kinds of containers. */
function containerSpecs({ spec }: Pod): ReadonlyMap<string, ContainerFacts> {
  const hostPaths = new Map(
    (spec?.volumes ?? []).flatMap(({ name, hostPath }): [string, string][] =>
      hostPath ? [[name, hostPath.path]] : [],
    ),
  );
  return new Map(
    [...(spec?.containers ?? []), ...(spec?.initContainers ?? []), ...(spec?.ephemeralContainers ?? [])].map(
      ({ name, image, securityContext, volumeMounts }) => [
        name,
        {
          name,
          image: image ?? undefined,
          privileged: securityContext?.privileged ?? false,
          mounts: mountsOf(volumeMounts ?? undefined, hostPaths),
        },
      ],
    ),
  );
}

function containersById(
  { status: told }: Pod,
  specs: ReadonlyMap<string, ContainerFacts>,
): ReadonlyMap<string, ContainerFacts> {
  const found = new Map<string, ContainerFacts>();
  const lists = [told?.containerStatuses, told?.initContainerStatuses, told?.ephemeralContainerStatuses];
  for (const { name, image, containerID, state, lastState } of lists.flatMap((list) => list ?? [])) {
    const spec = specs.get(name);
    // The spec's image is what people wrote; the status may hold only a digest.
    const facts = {
      name,
      privileged: undefined,
      ...spec,
      image: spec?.image ?? image ?? undefined,
    };
    for (const full of [containerID, state?.terminated?.containerID, lastState?.terminated?.containerID]) {
      const id = full?.split('://')[1];
      if (id !== undefined) found.set(id, facts);
    }
  }
  return found;
}
