import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { SOURCES } from '../core/events/event.ts';
import { writeFileDurably } from './spool/epoch.ts';

const aliveSchema = z.object({ atMs: z.number(), sources: z.array(z.enum(SOURCES)) });
/** When the agent was last seen alive by itself, and what it watched. */
export type Alive = z.infer<typeof aliveSchema>;

const identitySchema = z.object({ id: z.uuid(), secret: z.string().regex(/^[\w-]{43}$/) });
/** `secret` proves to the server that the id is this agent's: nodes may share one token. */
export type AgentIdentity = z.infer<typeof identitySchema>;

/** Made once, kept in the data directory for its owner alone. Errors: throws when that is not writable. */
export function agentIdentity(dataDir: string): AgentIdentity {
  const path = join(dataDir, 'identity.json');
  try {
    return identitySchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // First start.
  }
  const made = { id: randomUUID(), secret: randomBytes(32).toString('base64url') };
  writeFileDurably(path, JSON.stringify(made));
  return made;
}

/** Undefined on the first start. */
export function readAlive(dataDir: string): Alive | undefined {
  try {
    return aliveSchema.parse(JSON.parse(readFileSync(join(dataDir, 'alive.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Not synced: after a power cut an older time only makes the gap longer. */
export function writeAlive(dataDir: string, alive: Alive): void {
  const path = join(dataDir, 'alive.json');
  writeFileSync(`${path}.tmp`, JSON.stringify(alive));
  renameSync(`${path}.tmp`, path);
}
