import { z } from 'zod';
import { capabilitySchema } from './commands.ts';

/** What an agent made for itself at its first start; the server holds its id to it from then on. */
export const AGENT_SECRET_HEADER = 'x-eyrie-agent-secret';

/** One thing the agent checked at start; `fix` says what the operator can do when it is not ok. */
export const preflightItemSchema = z.object({
  name: z.string().max(64),
  /** `limited`: all is well, and yet not everything can be seen here; the agent counts as healthy. */
  state: z.enum(['ok', 'limited', 'degraded', 'blind', 'off']),
  detail: z.string().max(1_024),
  fix: z.string().max(1_024).optional(),
});
export type PreflightItem = z.infer<typeof preflightItemSchema>;

/** POST /api/v1/agents/heartbeat, every 5 s; the first one enrols the agent. */
export const heartbeatSchema = z.object({
  agentId: z.uuid(),
  node: z.string().min(1).max(253),
  version: z.string().max(64),
  kernel: z.string().max(128).optional(),
  startedAt: z.iso.datetime(),
  /** Agent's own clock, for skew. */
  now: z.iso.datetime(),
  epoch: z.number().int(),
  preflight: z.array(preflightItemSchema).max(64),
  /** Counters since start: events_total, probe_dropped_total, enrich_failed_total, undecodable_total … */
  counters: z.record(z.string().max(64), z.number()),
  spool: z.object({ bytes: z.number(), bytesMax: z.number(), lastSeq: z.number(), ackedSeq: z.number() }),
  residentBytes: z.number().optional(),
  cpuFraction: z.number().optional(),
  ruleset: z.object({
    /** Content hash of the ruleset in force. */
    version: z.string().max(64),
    /** Set while a newer ruleset was refused: what was wrong. */
    refused: z.object({ version: z.string().max(64), message: z.string().max(4_096) }).optional(),
  }),
  /** What it can do when asked; absent from agents that take no commands. */
  commands: z.array(capabilitySchema).max(16).optional(),
  /** Its last marked trigger by its own clock, once its sensor has run. */
  canary: z
    .object({ everyMs: z.number().int().min(1_000).max(86_400_000), triggeredAt: z.iso.datetime() })
    .optional(),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;

export const ACTIVITY_LEVELS = ['off', 'exec', 'full'] as const;

export const heartbeatReplySchema = z.object({
  serverTime: z.iso.datetime(),
  clusterId: z.string(),
  ackedSeq: z.number().int(),
  activity: z.enum(ACTIVITY_LEVELS),
  /** Present when the server's ruleset differs from the agent's (local files of the agent come after). */
  ruleset: z
    .object({ version: z.string(), files: z.array(z.object({ name: z.string(), text: z.string() })) })
    .optional(),
  /** True when commands wait for the agent, or one it runs was cancelled. */
  commands: z.boolean().default(false),
});
export type HeartbeatReply = z.infer<typeof heartbeatReplySchema>;

/** GET /api/v1/agents */
export const agentRowSchema = z.object({
  id: z.uuid(),
  node: z.string(),
  version: z.string(),
  kernel: z.string().nullable(),
  /** healthy: heartbeat < 15 s; degraded: something blind or dropping; silent: no heartbeat ≥ 15 s. */
  state: z.enum(['healthy', 'degraded', 'silent']),
  lastSeenAt: z.iso.datetime(),
  startedAt: z.iso.datetime(),
  clockSkewMs: z.number(),
  lagMs: z.number().nullable(),
  preflight: z.array(preflightItemSchema),
  counters: z.record(z.string(), z.number()),
  spool: z.object({ bytes: z.number(), bytesMax: z.number(), lastSeq: z.number(), ackedSeq: z.number() }),
  residentBytes: z.number().nullable(),
  cpuFraction: z.number().nullable(),
  rulesetVersion: z.string(),
  rulesetRefused: z.object({ version: z.string(), message: z.string() }).nullable(),
  commands: z.array(capabilitySchema),
  /** Proof that what happens on the node is stored; null for agents without sensor. */
  canary: z
    .object({
      everyMs: z.number(),
      triggeredAt: z.iso.datetime(),
      /** When the last one was stored, and how long that took from its trigger. */
      seenAt: z.iso.datetime().nullable(),
      latencyMs: z.number().nullable(),
      isSilent: z.boolean(),
    })
    .nullable(),
});
export type AgentRow = z.infer<typeof agentRowSchema>;

export const agentListSchema = z.object({
  agents: z.array(agentRowSchema),
  rulesetVersion: z.string(),
  /** Sources no agent watches at present, with the fix. */
  blind: z.array(z.object({ source: z.string(), why: z.string(), fix: z.string() })),
});
export type AgentList = z.infer<typeof agentListSchema>;
