import { z } from 'zod';

/** GET /api/v1/cluster: what the server can reach, and why buttons are off when it cannot. */
export const clusterStatusSchema = z.object({
  configured: z.boolean(),
  reachable: z.boolean(),
  name: z.string(),
  version: z.string().nullable(),
  error: z.string().nullable(),
  /** How to configure it, shown beside disabled buttons. */
  help: z.string().nullable(),
});
export type ClusterStatus = z.infer<typeof clusterStatusSchema>;

/** GET /api/v1/nodes */
export const nodeRowSchema = z.object({
  name: z.string(),
  ready: z.boolean().nullable(),
  unschedulable: z.boolean(),
  kubeletVersion: z.string().nullable(),
  osImage: z.string().nullable(),
  kernelVersion: z.string().nullable(),
  internalIp: z.string().nullable(),
  pods: z.number().int(),
  createdAt: z.iso.datetime().nullable(),
  agentId: z.string().nullable(),
  agentState: z.enum(['healthy', 'degraded', 'silent', 'none']),
  alerts: z.number().int(),
  highestPriority: z.number().nullable(),
  cordonActionId: z.string().nullable(),
});
export type NodeRow = z.infer<typeof nodeRowSchema>;
export const nodeListSchema = z.object({
  nodes: z.array(nodeRowSchema),
  cluster: clusterStatusSchema,
  asOf: z.iso.datetime(),
});
export type NodeList = z.infer<typeof nodeListSchema>;

/** GET /api/v1/pods/{namespace}/{name}: live state for badges and the side panel. */
export const podStateSchema = z.object({
  namespace: z.string(),
  name: z.string(),
  exists: z.boolean(),
  phase: z.string().nullable(),
  node: z.string().nullable(),
  nodeUnschedulable: z.boolean(),
  ip: z.string().nullable(),
  workload: z.string().nullable(),
  serviceAccount: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  containers: z.array(
    z.object({ name: z.string(), image: z.string(), ready: z.boolean(), privileged: z.boolean() }),
  ),
  quarantine: z
    .object({
      actionId: z.string().nullable(),
      since: z.iso.datetime().nullable(),
      proof: z.enum(['enforced', 'unproven']),
    })
    .nullable(),
});
export type PodState = z.infer<typeof podStateSchema>;
