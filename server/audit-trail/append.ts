import { createHash } from 'node:crypto';
import type { Prisma } from '../../prisma/generated/client.ts';
import { actorName } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { canonicalJson } from './canonical-json.ts';

/** Serialises appends, so that every row finds its predecessor: the chain has no forks. */
const CHAIN_LOCK = 72_707_401;
export const CHAIN_START = '0'.repeat(64);

export type AuditLine = {
  /** `<entity>.<verb>`, e.g. `user.create`. */
  readonly verb: string;
  /** What it was done to, e.g. `user:3f…` or `pod:payments/api`. */
  readonly target: string;
  readonly detail?: Prisma.InputJsonObject;
};

/**
 * Adds one row to the hash-chained audit trail inside the transaction of the change it records. Call it
 * last: it holds the chain's lock until the commit.
 */
export async function appendAudit(
  tx: Prisma.TransactionClient,
  ctx: Pick<Ctx, 'actor' | 'now'>,
  line: AuditLine,
): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${CHAIN_LOCK})`;
  const last = await tx.auditTrail.findFirst({ orderBy: { id: 'desc' }, select: { hash: true } });
  const { actor } = ctx;
  const by = 'id' in actor ? { kind: actor.kind, id: actor.id } : { kind: actor.kind };
  const row = {
    time: ctx.now(),
    actor: actorName(actor),
    verb: line.verb,
    target: line.target,
    // Through JSON once, so that what is hashed is what jsonb gives back.
    detail: JSON.parse(JSON.stringify({ ...line.detail, by })) as Prisma.InputJsonObject,
  };
  const prevHash = last?.hash ?? CHAIN_START;
  await tx.auditTrail.create({ data: { ...row, prevHash, hash: chainHash(prevHash, row) } });
}

/** SHA-256 over the hash before and the canonical JSON of a row's content. */
export function chainHash(
  prevHash: string,
  row: {
    readonly time: Date;
    readonly actor: string;
    readonly verb: string;
    readonly target: string;
    readonly detail: unknown;
  },
): string {
  const { actor, verb, target, detail } = row;
  const content = canonicalJson({ time: row.time.toISOString(), actor, verb, target, detail });
  return createHash('sha256').update(prevHash).update(content).digest('hex');
}
