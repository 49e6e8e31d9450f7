import { APIError } from 'better-auth/api';
import type { LoginRequest, UserRow } from '../../core/wire/auth.ts';
import { appendAudit } from '../audit-trail/append.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { getAuth } from './auth.ts';
import { loginLimits, loginWideLimits } from './rate-limit.ts';
import { toUserRow } from './user-row.ts';

/**
 * Checks a password and opens a session. Unknown address, wrong password and disabled account give one
 * answer, after the same work. Errors: unauthenticated, rate_limited.
 */
export async function login({
  ctx,
  input,
}: {
  readonly ctx: Pick<Ctx, 'db' | 'now'>;
  readonly input: LoginRequest & { readonly address: string };
}): Promise<{ readonly user: UserRow; readonly setCookie: readonly string[] }> {
  const email = input.email.toLowerCase();
  const pair = `login ${email} ${input.address}`;
  loginLimits.take([pair]);
  loginWideLimits.take([`account ${email}`, `address ${input.address}`]);
  const auth = await getAuth(ctx.db);
  const opened = await auth.api
    .signInEmail({ body: { email, password: input.password }, returnHeaders: true })
    .catch(async (err: unknown) => {
      if (err instanceof APIError && err.statusCode < 500) return undefined;
      // The library hides its cause; a database that is down says so itself here.
      await ctx.db.setting.findFirst({ select: { key: true } });
      throw err;
    });
  const user = opened && (await ctx.db.user.findUnique({ where: { id: opened.response.user.id } }));
  if (!opened || !user) throw refused();
  if (user.disabled) {
    await ctx.db.session.deleteMany({ where: { userId: user.id } });
    throw refused();
  }
  const row = toUserRow(user);
  const actor = { kind: 'user', id: row.id, name: row.name, role: row.role } as const;
  await ctx.db.$transaction((tx) =>
    appendAudit(
      tx,
      { actor, now: ctx.now },
      { verb: 'login', target: `user:${row.id}`, detail: { address: input.address } },
    ),
  );
  loginLimits.clear(pair);
  return { user: row, setCookie: opened.headers.getSetCookie() };
}

function refused(): AppError {
  return new AppError('unauthenticated', 'E-mail address or password is wrong.', { reason: 'credentials' });
}
