import { z } from 'zod';

export const COMMAND_KINDS = [
  'process_snapshot',
  'collect_evidence',
  'record_capture',
  'freeze',
  'thaw',
  'kill',
] as const;
export type CommandKind = (typeof COMMAND_KINDS)[number];

export const COMMAND_STATES = [
  'requested',
  'delivered',
  'running',
  'done',
  'failed',
  'expired',
  'cancelled',
] as const;
export type CommandState = (typeof COMMAND_STATES)[number];

/** A capture's own limit; every other artifact is far smaller. */
export const ARTIFACT_BYTES_MAX = 64 * 1024 * 1024;
/** Size of every chunk but the last. */
export const ARTIFACT_CHUNK_BYTES = 1024 * 1024;
export const CAPTURE_SECONDS_MAX = 300;
export const FREEZE_SECONDS_MAX = 24 * 3_600;

const name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'a lower-case Kubernetes name of at most 253 characters');

/** Agents are named by their host, which need not be a Kubernetes name. */
const nodeName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/, 'a host name of at most 253 characters');

/**
 * What a command is about. A process is named by its number and a moment at which it was seen: the agent
 * acts only on a process that had started by then, so never on a later one with the same number.
 */
export const commandTargetSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('node'), name: nodeName }),
  z.object({ kind: z.literal('pod'), namespace: name, name }),
  z.object({
    kind: z.literal('process'),
    node: nodeName,
    pid: z.number().int().min(1).max(4_194_304),
    seenAt: z.iso.datetime(),
  }),
]);
export type CommandTarget = z.infer<typeof commandTargetSchema>;

/** Which targets each kind takes; everything else is refused. */
export const COMMAND_TARGETS: Record<CommandKind, readonly CommandTarget['kind'][]> = {
  process_snapshot: ['pod', 'node'],
  collect_evidence: ['pod'],
  record_capture: ['pod', 'node'],
  freeze: ['pod', 'process'],
  thaw: ['pod', 'process'],
  kill: ['process'],
};

export const commandParamsSchema = z.object({
  /** Length of a capture, or how long a freeze lasts when nobody thaws it. */
  seconds: z.number().int().min(1).max(FREEZE_SECONDS_MAX).optional(),
  bytesMax: z
    .number()
    .int()
    .min(64 * 1024)
    .max(ARTIFACT_BYTES_MAX)
    .optional(),
});
export type CommandParams = z.infer<typeof commandParamsSchema>;

/** POST /api/v1/commands/preview. Changes nothing. */
export const commandPreviewRequestSchema = z.object({
  kind: z.enum(COMMAND_KINDS),
  target: commandTargetSchema,
  params: commandParamsSchema.default({}),
  incidentId: z.number().int().positive().optional(),
  /** The freeze that a thaw takes back. */
  undoOf: z.uuid().optional(),
});

export const commandPreviewSchema = z.object({
  kind: z.enum(COMMAND_KINDS),
  target: commandTargetSchema,
  /** Defaults filled in. */
  params: commandParamsSchema,
  node: z.string().nullable(),
  effect: z.string(),
  /** What, where, how long, how much: label and value. */
  facts: z.array(z.object({ label: z.string(), value: z.string() })),
  /** What the agent reads on the node. */
  reads: z.array(z.string()),
  warnings: z.array(z.string()),
  checks: z.array(
    z.object({
      name: z.string(),
      state: z.enum(['pass', 'warn', 'fail']),
      detail: z.string(),
      by: z.string(),
    }),
  ),
  undo: z.string(),
  allowed: z.boolean(),
  /** Hash over what was shown; the execute call must repeat it. */
  token: z.string(),
});
export type CommandPreview = z.infer<typeof commandPreviewSchema>;

/** POST /api/v1/commands. 409 `preview_stale` when the facts changed since the preview. */
export const commandRequestSchema = commandPreviewRequestSchema.extend({
  token: z.string().max(128),
  reason: z.string().trim().max(1_000).default(''),
  idempotencyKey: z.uuid(),
});
export type CommandRequest = z.input<typeof commandRequestSchema>;

export const artifactSchema = z.object({
  /** File name offered for download. */
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
  bytes: z.number().int().min(0).max(ARTIFACT_BYTES_MAX),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Artifact = z.infer<typeof artifactSchema>;

export const commandRowSchema = z.object({
  id: z.uuid(),
  kind: z.enum(COMMAND_KINDS),
  target: commandTargetSchema,
  params: commandParamsSchema,
  node: z.string(),
  state: z.enum(COMMAND_STATES),
  cancelRequested: z.boolean(),
  actor: z.string(),
  reason: z.string(),
  incidentId: z.number().nullable(),
  requestedAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  /** After this moment it counts as expired or timed out on both sides. */
  deadline: z.iso.datetime(),
  /** What the agent did and found, in one or two sentences. */
  summary: z.string().nullable(),
  /** What could not be read, and why. */
  notes: z.array(z.string()),
  error: z.string().nullable(),
  artifact: artifactSchema.nullable(),
  /** Bytes of the artifact that have arrived. */
  uploadedBytes: z.number(),
  /** False when the artifact was deleted by the retention. */
  artifactKept: z.boolean(),
  undoOf: z.string().nullable(),
  undoable: z.boolean(),
});
export type CommandRow = z.infer<typeof commandRowSchema>;

/** GET /api/v1/commands?cursor&node&namespace&pod&incidentId; GET /api/v1/commands/{id}; POST …/{id}/cancel → CommandRow */
export const commandPageSchema = z.object({
  rows: z.array(commandRowSchema),
  nextCursor: z.string().nullable(),
});
export type CommandPage = z.infer<typeof commandPageSchema>;

/** What an agent says in its heartbeat of each kind. */
export const capabilitySchema = z.object({
  kind: z.enum(COMMAND_KINDS),
  available: z.boolean(),
  /** Why it is not available, or what it will lack. */
  reason: z.string().max(512).optional(),
  fix: z.string().max(512).optional(),
});
export type Capability = z.infer<typeof capabilitySchema>;

/** One command as the agent gets it: GET /api/v1/agents/{id}/commands. */
export const agentCommandSchema = z.object({
  id: z.uuid(),
  kind: z.enum(COMMAND_KINDS),
  target: commandTargetSchema,
  params: commandParamsSchema,
  /** Where the target's processes are found: known to the server from the API or from stored events. */
  scope: z.object({
    podUid: z.string().max(64).nullable(),
    containerIds: z.array(z.string().max(128)).max(64),
  }),
  undoOf: z.string().nullable(),
  /** Milliseconds that remain by the server's clock; the agent's may be wrong. */
  remainingMs: z.number().int().min(0),
});
export type AgentCommand = z.infer<typeof agentCommandSchema>;
export const AGENT_COMMANDS_MAX = 8;

export const agentCommandsSchema = z.object({
  commands: z.array(agentCommandSchema).max(AGENT_COMMANDS_MAX),
  /** Commands to stop now. */
  cancel: z.array(z.uuid()).max(64),
});
export type AgentCommands = z.infer<typeof agentCommandsSchema>;

/** POST /api/v1/agents/{id}/commands/{commandId}. A repeated report changes nothing. */
export const commandReportSchema = z.object({
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  summary: z.string().max(2_000).optional(),
  notes: z.array(z.string().max(500)).max(50).optional(),
  error: z.string().max(2_000).optional(),
  artifact: artifactSchema.optional(),
});
export type CommandReport = z.infer<typeof commandReportSchema>;

/** Answer to reports and chunks: whether to go on. */
export const commandReportReplySchema = z.object({ goOn: z.boolean() });
