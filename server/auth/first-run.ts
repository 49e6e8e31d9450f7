import { randomBytes } from 'node:crypto';
import type { PrismaClient } from '../../prisma/generated/client.ts';
import { sha256Hex } from './token-secret.ts';

export const FIRST_RUN_KEY = 'first_run_token';

/**
 * Makes the token with which the first administrator is created, and forgets any made before. Null once
 * an administrator exists. Only the SHA-256 is stored.
 */
export async function ensureFirstRunToken(db: PrismaClient): Promise<string | null> {
  if ((await db.user.count({ where: { role: 'admin' } })) > 0) return null;
  const token = randomBytes(24).toString('base64url');
  const value = sha256Hex(token);
  await db.setting.upsert({
    where: { key: FIRST_RUN_KEY },
    create: { key: FIRST_RUN_KEY, value },
    update: { value },
  });
  return token;
}

/** True while no administrator exists. */
export async function isSetupNeeded(db: PrismaClient): Promise<boolean> {
  return (await db.user.count({ where: { role: 'admin' } })) === 0;
}
