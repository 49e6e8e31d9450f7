import { z } from 'zod';

/** Kubernetes replies, checked at the edge: what is not named here is dropped or passed through unread. */
const strings = z.record(z.string(), z.string());
const metadata = z.looseObject({
  name: z.string().default(''),
  namespace: z.string().optional(),
  uid: z.string().default(''),
  resourceVersion: z.string().default(''),
  creationTimestamp: z.string().nullish(),
  deletionTimestamp: z.string().nullish(),
  labels: strings.default({}),
  annotations: strings.default({}),
  ownerReferences: z
    .array(
      z.looseObject({
        kind: z.string(),
        name: z.string(),
        uid: z.string(),
        controller: z.boolean().optional(),
      }),
    )
    .default([]),
});

const selector = z.object({
  matchLabels: strings.default({}),
  matchExpressions: z
    .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).default([]) }))
    .default([]),
});
export type Selector = z.infer<typeof selector>;

export const podSchema = z.looseObject({
  metadata,
  spec: z.looseObject({
    nodeName: z.string().optional(),
    serviceAccountName: z.string().optional(),
    hostNetwork: z.boolean().default(false),
    containers: z
      .array(
        z.looseObject({
          name: z.string(),
          image: z.string().default(''),
          ports: z
            .array(z.looseObject({ containerPort: z.number(), protocol: z.string().default('TCP') }))
            .default([]),
          securityContext: z.looseObject({ privileged: z.boolean().optional() }).nullish(),
        }),
      )
      .default([]),
    volumes: z
      .array(z.looseObject({ name: z.string().default(''), emptyDir: z.looseObject({}).nullish() }))
      .nullish()
      .transform((list) => list ?? []),
  }),
  status: z
    .looseObject({
      phase: z.string().optional(),
      podIP: z.string().optional(),
      containerStatuses: z.array(z.looseObject({ name: z.string(), ready: z.boolean() })).default([]),
      conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).default([]),
    })
    .prefault({}),
});
export type Pod = z.infer<typeof podSchema>;

export const nodeSchema = z.looseObject({
  metadata,
  spec: z.looseObject({ unschedulable: z.boolean().default(false) }).prefault({}),
  status: z
    .looseObject({
      conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).default([]),
      addresses: z.array(z.looseObject({ type: z.string(), address: z.string() })).default([]),
      nodeInfo: z
        .looseObject({
          kubeletVersion: z.string().optional(),
          osImage: z.string().optional(),
          kernelVersion: z.string().optional(),
        })
        .prefault({}),
    })
    .prefault({}),
});
export type Node = z.infer<typeof nodeSchema>;

export const networkPolicySchema = z.looseObject({
  metadata,
  spec: z.looseObject({
    podSelector: selector.prefault({}),
    policyTypes: z.array(z.string()).default([]),
    ingress: z.array(z.unknown()).default([]),
    egress: z.array(z.unknown()).default([]),
  }),
});
export type NetworkPolicy = z.infer<typeof networkPolicySchema>;

export const serviceSchema = z.looseObject({
  metadata,
  spec: z.looseObject({ selector: strings.nullish() }),
});
export type Service = z.infer<typeof serviceSchema>;

export const endpointSliceSchema = z.looseObject({
  metadata,
  endpoints: z
    .array(z.looseObject({ targetRef: z.looseObject({ kind: z.string(), name: z.string() }).nullish() }))
    .nullish(),
});

export const disruptionBudgetSchema = z.looseObject({
  metadata,
  spec: z.looseObject({ selector: selector.nullish() }),
  status: z.looseObject({ disruptionsAllowed: z.number().default(0) }).prefault({}),
});

export const workloadSchema = z.looseObject({
  kind: z.string().optional(),
  metadata,
  spec: z.looseObject({ replicas: z.number().optional(), selector: selector.nullish() }).prefault({}),
  status: z
    .looseObject({
      readyReplicas: z.number().default(0),
      numberReady: z.number().optional(),
      desiredNumberScheduled: z.number().optional(),
    })
    .prefault({}),
});
export type Workload = z.infer<typeof workloadSchema>;

/** Anything with metadata, as it is sent and as dry runs return it. */
export const anyObjectSchema = z.looseObject({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata,
});
export type AnyObject = z.infer<typeof anyObjectSchema>;

/** True when a label selector takes these labels; the empty selector takes everything. */
export function selects(by: Selector, labels: Readonly<Record<string, string>>): boolean {
  for (const [key, value] of Object.entries(by.matchLabels)) if (labels[key] !== value) return false;
  return by.matchExpressions.every(({ key, operator, values }) => {
    const value = labels[key];
    if (operator === 'In') return value !== undefined && values.includes(value);
    if (operator === 'NotIn') return value === undefined || !values.includes(value);
    if (operator === 'Exists') return value !== undefined;
    return operator === 'DoesNotExist' && value === undefined;
  });
}
