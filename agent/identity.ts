import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { SOURCES } from '../core/events/event.ts';
import { writeFileDurably } from './spool/epoch.ts';

const aliveSchema = z.object({ atMs: z.number(), sources: z.array(z.enum(SOURCES)) });
/** When the agent was last seen alive by itself, and what it watched. */
export type Alive = z.infer<typeof aliveSchema>;

/** The agent's id: made once, kept in the data directory. Errors: throws when the directory is not writable. */
export function agentIdentity(dataDir: string): string {
  const path = join(dataDir, 'agent-id');
  try {
    const known = z.uuid().safeParse(readFileSync(path, 'utf8').trim());
    if (known.success) return known.data;
  } catch {
    // First start.
  }
  const id = randomUUID();
  writeFileDurably(path, `${id}\n`);
  return id;
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
