import { z } from 'zod';

export const ROLES = ['viewer', 'responder', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** GET /api/v1/me; 401 when not signed in. `setup` true = no administrator exists yet. */
export const meSchema = z.object({
  user: z.object({ id: z.string(), name: z.string(), email: z.string(), role: z.enum(ROLES) }),
});
export type Me = z.infer<typeof meSchema>;

/** GET /api/v1/setup → { needed }, POST /api/v1/setup: first-run token makes the first administrator. */
export const setupStateSchema = z.object({ needed: z.boolean() });
export const setupRequestSchema = z.object({
  token: z.string().min(1).max(256),
  name: z.string().trim().min(1).max(100),
  email: z.email().max(254),
  password: z.string().min(12).max(128),
});
export type SetupRequest = z.infer<typeof setupRequestSchema>;

/** POST /api/v1/login, POST /api/v1/logout */
export const loginRequestSchema = z.object({
  email: z.email().max(254),
  password: z.string().min(1).max(128),
});
export type LoginRequest = z.infer<typeof loginRequestSchema>;

/** GET/POST /api/v1/users, PATCH /api/v1/users/{id} (admin) */
export const userRowSchema = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.enum(ROLES),
  disabled: z.boolean(),
  createdAt: z.iso.datetime(),
});
export type UserRow = z.infer<typeof userRowSchema>;
export const createUserSchema = z.object({
  name: z.string().trim().min(1).max(100),
  email: z.email().max(254),
  password: z.string().min(12).max(128),
  role: z.enum(ROLES),
});
export const patchUserSchema = z.object({ role: z.enum(ROLES).optional(), disabled: z.boolean().optional() });

/** GET/POST /api/v1/tokens, DELETE /api/v1/tokens/{id} (admin). The secret is shown once. */
export const TOKEN_KINDS = ['agent', 'webhook', 'api'] as const;
export const tokenRowSchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(TOKEN_KINDS),
  /** Role of an api token; null for agent and webhook tokens, which can only send. */
  role: z.enum(ROLES).nullable(),
  /** First 8 characters, to recognise it. */
  prefix: z.string(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
});
export type TokenRow = z.infer<typeof tokenRowSchema>;
export const createTokenSchema = z.object({
  name: z.string().trim().min(1).max(100),
  kind: z.enum(TOKEN_KINDS),
  role: z.enum(ROLES).optional(),
});
export const createdTokenSchema = z.object({ token: tokenRowSchema, secret: z.string() });
