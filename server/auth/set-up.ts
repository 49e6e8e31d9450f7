import { timingSafeEqual } from 'node:crypto';
import { hashPassword } from 'better-auth/crypto';
import type { SetupRequest, UserRow } from '../../core/wire/auth.ts';
import { appendAudit } from '../audit-trail/append.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { FIRST_RUN_KEY, isSetupNeeded } from './first-run.ts';
import { insertUser } from './insert-user.ts';
import { setupLimits } from './rate-limit.ts';
import { sha256Hex } from './token-secret.ts';
import { toUserRow } from './user-row.ts';

/** Held by everything that adds or takes away an administrator. */
export const ADMIN_LOCK = 72_707_402;

/**
 * Creates the first administrator with the single-use token of the first run.
 * Errors: conflict once an administrator exists, forbidden for a wrong token, rate_limited.
 */
export async function setUp({
  ctx,
  input,
}: {
  readonly ctx: Pick<Ctx, 'db' | 'now'>;
  readonly input: SetupRequest & { readonly address: string };
}): Promise<UserRow> {
  setupLimits.take([`setup ${input.address}`, 'setup']);
  if (!(await isSetupNeeded(ctx.db))) throw alreadySetUp();
  const passwordHash = await hashPassword(input.password);
  return await ctx.db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADMIN_LOCK})`;
    if ((await tx.user.count({ where: { role: 'admin' } })) > 0) throw alreadySetUp();
    const stored = await tx.setting.findUnique({ where: { key: FIRST_RUN_KEY } });
    if (!sameHash(stored?.value, sha256Hex(input.token))) {
      throw new AppError('forbidden', 'The first-run token is not right. The launcher prints it at start.', {
        reason: 'setup_token',
      });
    }
    const user = await insertUser(tx, { ...input, role: 'admin', passwordHash });
    await tx.setting.delete({ where: { key: FIRST_RUN_KEY } });
    const actor = { kind: 'user', id: user.id, name: user.name, role: 'admin' } as const;
    await appendAudit(
      tx,
      { actor, now: ctx.now },
      { verb: 'setup', target: `user:${user.id}`, detail: { email: user.email } },
    );
    return toUserRow(user);
  });
}

function sameHash(stored: unknown, given: string): boolean {
  if (typeof stored !== 'string' || stored.length !== given.length) return false;
  return timingSafeEqual(Buffer.from(stored), Buffer.from(given));
}

function alreadySetUp(): AppError {
  return new AppError('conflict', 'An administrator exists already. Sign in.', { reason: 'setup_done' });
}
