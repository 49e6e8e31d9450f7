import type { PrismaClient } from '../../prisma/generated/client.ts';
import { createToken } from '../../server/auth/create-token.ts';
import { tokenHash } from '../../server/auth/token-secret.ts';

/**
 * Agent token of the agent that `eyrie up` starts beside the server: the current one while it is valid,
 * else a new one, which the audit trail records as made by Eyrie.
 */
export async function ensureLocalAgentToken(db: PrismaClient, current: string | undefined): Promise<string> {
  const hash = current === undefined ? undefined : tokenHash(current);
  if (current !== undefined && hash !== undefined) {
    const known = await db.token.findUnique({ where: { hash } });
    if (known !== null && known.revokedAt === null) return current;
  }
  const created = await createToken({
    ctx: { actor: { kind: 'system', name: 'Eyrie' }, db, now: () => new Date() },
    input: { name: 'local agent', kind: 'agent' },
  });
  return created.secret;
}
