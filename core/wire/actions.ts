import { z } from 'zod';

export const ACTION_KINDS = ['cordon', 'uncordon', 'quarantine', 'release'] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

export const actionTargetSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('node'), name: z.string().min(1).max(253) }),
  z.object({
    kind: z.literal('pod'),
    namespace: z.string().min(1).max(253),
    name: z.string().min(1).max(253),
  }),
]);
export type ActionTarget = z.infer<typeof actionTargetSchema>;

/** POST /api/v1/actions/preview. Changes nothing; every call is a server dry run. */
export const previewRequestSchema = z.object({
  action: z.enum(ACTION_KINDS),
  target: actionTargetSchema,
  incidentId: z.number().int().optional(),
  options: z.object({ allowDns: z.boolean().default(false) }).default({ allowDns: false }),
});

export const previewSchema = z.object({
  action: z.enum(ACTION_KINDS),
  target: actionTargetSchema,
  /** Two sentences: the effect, and whether it can be undone. */
  effect: z.string(),
  blastRadius: z.array(z.object({ value: z.string(), label: z.string() })),
  warnings: z.array(z.string()),
  checks: z.array(
    z.object({
      name: z.string(),
      state: z.enum(['pass', 'warn', 'fail']),
      detail: z.string(),
      /** How it was found out: SelfSubjectAccessReview, dry run, sensor … */
      by: z.string(),
    }),
  ),
  undo: z.string(),
  /** Objects in apply order; YAML before (null = new) and after (null = deleted). */
  objects: z.array(
    z.object({
      kind: z.string(),
      namespace: z.string().nullable(),
      name: z.string(),
      before: z.string().nullable(),
      after: z.string().nullable(),
      diff: z.array(z.object({ sign: z.enum(['+', '-', ' ']), text: z.string(), line: z.number().int() })),
    }),
  ),
  /** Connections the sensor saw open on the pod within the last minutes; they may outlive the policy. */
  connections: z.array(
    z.object({ peer: z.string(), process: z.string().nullable(), lastAt: z.iso.datetime() }),
  ),
  /** False when any check fails. */
  allowed: z.boolean(),
  /** Hash over the objects before and the diff; the execute call must repeat it. */
  token: z.string(),
});
export type Preview = z.infer<typeof previewSchema>;

/** POST /api/v1/actions. 409 `preview_stale` when the objects changed since the preview. */
export const executeRequestSchema = z.object({
  action: z.enum(ACTION_KINDS),
  target: actionTargetSchema,
  token: z.string(),
  reason: z.string().trim().max(1_000).default(''),
  incidentId: z.number().int().optional(),
  options: z.object({ allowDns: z.boolean().default(false) }).default({ allowDns: false }),
  /** Chosen by the client once per confirm, so that a retried request acts once. */
  idempotencyKey: z.uuid(),
});
export type ExecuteRequest = z.input<typeof executeRequestSchema>;

export const actionRowSchema = z.object({
  id: z.uuid(),
  action: z.enum(ACTION_KINDS),
  target: actionTargetSchema,
  /** running → applied (object accepted) → verified (effect observed) | failed; undone by a later action. */
  status: z.enum(['running', 'applied', 'verified', 'failed', 'undone']),
  /** For quarantine: enforced = traffic was seen to stop; unproven = policy applied, effect not observed. */
  proof: z.enum(['enforced', 'unproven', 'not_applicable']),
  proofDetail: z.string().nullable(),
  actor: z.string(),
  reason: z.string(),
  incidentId: z.number().nullable(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  error: z.string().nullable(),
  undoOf: z.string().nullable(),
  undoable: z.boolean(),
  undoReason: z.string().nullable(),
});
export type ActionRow = z.infer<typeof actionRowSchema>;

/** GET /api/v1/actions?cursor; POST /api/v1/actions/{id}/undo → ActionRow */
export const actionPageSchema = z.object({
  rows: z.array(actionRowSchema),
  nextCursor: z.string().nullable(),
});
export type ActionPage = z.infer<typeof actionPageSchema>;
