import { z } from 'zod';
import { eventRowSchema, gapSchema } from './events.ts';

export const PHASES = ['triage', 'contain', 'collect', 'eradicate', 'recover', 'lessons'] as const;
export type Phase = (typeof PHASES)[number];

/** How sure it is who started a process. */
export const CONFIDENCES = ['high', 'medium', 'low'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** `incident.id` is shown as `INC-<id>`. */
export const incidentRowSchema = z.object({
  id: z.number().int(),
  title: z.string(),
  summary: z.string(),
  priority: z.number().int(),
  status: z.enum(['open', 'closed']),
  phase: z.enum(PHASES),
  owner: z.string().nullable(),
  openedAt: z.iso.datetime(),
  closedAt: z.iso.datetime().nullable(),
  firstEventAt: z.iso.datetime(),
  lastEventAt: z.iso.datetime(),
  eventCount: z.number().int(),
  entities: z.array(
    z.object({ kind: z.enum(['pod', 'workload', 'node', 'user', 'serviceaccount', 'ip']), name: z.string() }),
  ),
});
export type IncidentRow = z.infer<typeof incidentRowSchema>;

/** GET /api/v1/incidents?status&cursor */
export const incidentPageSchema = z.object({
  rows: z.array(incidentRowSchema),
  nextCursor: z.string().nullable(),
  openCount: z.number().int(),
});
export type IncidentPage = z.infer<typeof incidentPageSchema>;

export const ENTRY_KINDS = ['event', 'action', 'note', 'phase', 'opened', 'closed', 'owner', 'gap'] as const;

/** One line of the merged timeline; append-only. Export rows are exactly these. */
export const timelineEntrySchema = z.object({
  id: z.string(),
  time: z.iso.datetime(),
  kind: z.enum(ENTRY_KINDS),
  /** Display name of who did it; `Eyrie` for automatic entries; null for events and gaps. */
  actor: z.string().nullable(),
  source: z.string().nullable(),
  priority: z.number().int().nullable(),
  rule: z.string().nullable(),
  summary: z.string(),
  /** Lane: the entity this line belongs to, e.g. `pod:payments/checkout-api-x2k4q`, `response`. */
  lane: z.string(),
  namespace: z.string().nullable(),
  pod: z.string().nullable(),
  node: z.string().nullable(),
  user: z.string().nullable(),
  process: z.string().nullable(),
  object: z.string().nullable(),
  outcome: z.string().nullable(),
  eventId: z.string().nullable(),
  actionId: z.string().nullable(),
  /** Set on an action's line while it can be undone. */
  undoable: z.boolean(),
  count: z.number().int(),
  /** Who ran it by kubectl exec, with the audit event as `<id>@<time>`. */
  actingUser: z.object({ user: z.string(), confidence: z.enum(CONFIDENCES), audit: z.string() }).optional(),
});
export type TimelineEntry = z.infer<typeof timelineEntrySchema>;

/** GET /api/v1/incidents/{id} */
export const incidentDetailSchema = z.object({
  incident: incidentRowSchema,
  timeline: z.array(timelineEntrySchema),
  gaps: z.array(gapSchema),
  checklist: z.array(
    z.object({
      key: z.string(),
      phase: z.enum(PHASES),
      label: z.string(),
      done: z.boolean(),
      doneBy: z.string().nullable(),
      doneAt: z.iso.datetime().nullable(),
    }),
  ),
  phaseHistory: z.array(z.object({ phase: z.enum(PHASES), at: z.iso.datetime(), by: z.string() })),
});
export type IncidentDetail = z.infer<typeof incidentDetailSchema>;

/** POST /api/v1/incidents: from a selection of events. */
export const createIncidentSchema = z.object({
  title: z.string().trim().min(1).max(200),
  priority: z.number().int().min(0).max(7),
  events: z
    .array(z.object({ id: z.string(), time: z.iso.datetime() }))
    .min(1)
    .max(500),
});
export type CreateIncident = z.infer<typeof createIncidentSchema>;

/** PATCH /api/v1/incidents/{id}: any subset; each change is one timeline line. */
export const patchIncidentSchema = z.object({
  phase: z.enum(PHASES).optional(),
  status: z.enum(['open', 'closed']).optional(),
  owner: z.string().max(200).nullable().optional(),
  title: z.string().trim().min(1).max(200).optional(),
  priority: z.number().int().min(0).max(7).optional(),
  checklist: z.object({ key: z.string(), done: z.boolean() }).optional(),
});
export type PatchIncident = z.infer<typeof patchIncidentSchema>;

/** POST /api/v1/incidents/{id}/notes */
export const createNoteSchema = z.object({ text: z.string().trim().min(1).max(10_000) });

/** GET /api/v1/incidents/{id}/export?format=json|csv|md */
export const EXPORT_FORMATS = ['json', 'csv', 'md'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export const exportSchema = z.object({
  incident: incidentRowSchema,
  timeline: z.array(timelineEntrySchema),
  gaps: z.array(gapSchema),
  exportedAt: z.iso.datetime(),
  events: z.array(eventRowSchema).optional(),
});
