import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Role } from '../core/wire/auth.ts';
import type { PrismaClient } from '../prisma/generated/client.ts';
import type { ServerConfig } from './config.ts';

/** Who acts. `system` is Eyrie itself (correlation, jobs). Agents and webhooks can only send. */
export type Actor =
  | { readonly kind: 'user'; readonly id: string; readonly name: string; readonly role: Role }
  | { readonly kind: 'token'; readonly id: string; readonly name: string; readonly role: Role }
  | {
      readonly kind: 'agent';
      readonly id: string;
      readonly name: string;
      /** SHA-256 of the secret by which one agent is told from others with the same token. */
      readonly secretHash?: string;
    }
  | { readonly kind: 'webhook'; readonly id: string; readonly name: string }
  | { readonly kind: 'system'; readonly name: string };

/** What every verb gets: `verb({ ctx, input })`. `pool` is for the hand SQL of ingest and events only. */
export type Ctx = {
  readonly actor: Actor;
  readonly requestId: string;
  readonly now: () => Date;
  readonly db: PrismaClient;
  readonly pool: Pool;
  readonly log: Logger;
  readonly config: ServerConfig;
};
