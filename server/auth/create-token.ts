import type { z } from 'zod';
import type { createdTokenSchema, createTokenSchema } from '../../core/wire/auth.ts';
import { appendAudit } from '../audit-trail/append.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { requireRole } from './require-role.ts';
import { toTokenRow } from './token-row.ts';
import { newTokenSecret, sha256Hex } from './token-secret.ts';

/** `eyr_agt_` and the like say nothing; the first 8 characters after it recognise a token. */
const PREFIX_CHARS = 8;

/**
 * Makes a token and returns its secret, this once. The launcher calls it as Eyrie itself.
 * Errors: bad_request for an api token without a role, or a role on a token that can only send.
 */
export async function createToken({
  ctx,
  input,
}: {
  readonly ctx: Pick<Ctx, 'actor' | 'db' | 'now'>;
  readonly input: z.output<typeof createTokenSchema>;
}): Promise<z.output<typeof createdTokenSchema>> {
  requireRole(ctx, 'admin');
  if ((input.kind === 'api') !== (input.role !== undefined)) {
    throw new AppError('bad_request', 'An api token needs a role; agent and webhook tokens have none.', {
      reason: 'token_role',
    });
  }
  const secret = newTokenSecret(input.kind);
  const start = secret.lastIndexOf('_', 8) + 1;
  return await ctx.db.$transaction(async (tx) => {
    const token = await tx.token.create({
      data: {
        name: input.name,
        kind: input.kind,
        role: input.role ?? null,
        prefix: secret.slice(start, start + PREFIX_CHARS),
        hash: sha256Hex(secret),
        createdAt: ctx.now(),
      },
    });
    const detail = { name: token.name, kind: token.kind, role: token.role };
    await appendAudit(tx, ctx, { verb: 'token.create', target: `token:${token.id}`, detail });
    return { token: toTokenRow(token), secret };
  });
}
