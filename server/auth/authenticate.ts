import type { Logger } from 'pino';
import { AGENT_SECRET_HEADER } from '../../core/wire/agents.ts';
import { ROLES, type Role } from '../../core/wire/auth.ts';
import type { PrismaClient } from '../../prisma/generated/client.ts';
import type { Actor } from '../context.ts';
import { asUnavailable } from '../db/unavailable.ts';
import { AppError } from '../errors.ts';
import { COOKIE_PREFIX, getAuth } from './auth.ts';
import { requireRole } from './require-role.ts';
import { sha256Hex, tokenHash } from './token-secret.ts';

/** What a route asks for. A role admits that role and above; `agent` and `webhook` admit those tokens only. */
export type Need = 'public' | Role | 'agent' | 'webhook';

export type Authenticated = {
  readonly actor: Actor;
  readonly byCookie: boolean;
  /** Set-Cookie values of a session that was prolonged. */
  readonly setCookie: readonly string[];
};

const LAST_USED_STEP_MS = 60_000;
/** Passes no role check and no actor check: `requireActor` refuses an empty id. */
const NOBODY: Actor = { kind: 'webhook', id: '', name: 'anonymous' };

/** Finds out who sent a request and whether the route admits them. Errors: unauthenticated, forbidden, unavailable. */
export async function authenticate(input: {
  readonly runtime: { readonly db: PrismaClient; readonly log: Logger };
  readonly req: Request;
  readonly need: Need;
}): Promise<Authenticated> {
  const { runtime, req, need } = input;
  if (need === 'public') return { actor: NOBODY, byCookie: false, setCookie: [] };
  const secret = bearer(req.headers.get('authorization'));
  const found = await identify(runtime, req, secret).catch((err: unknown) => {
    throw asUnavailable(err);
  });
  admit(found.actor, need);
  return found;
}

async function identify(
  runtime: { readonly db: PrismaClient; readonly log: Logger },
  req: Request,
  secret: string | undefined,
): Promise<Authenticated> {
  if (secret === undefined) return bySession(runtime.db, req);
  const actor = await byToken(runtime, secret);
  const own = req.headers.get(AGENT_SECRET_HEADER);
  const isBound = actor.kind === 'agent' && own !== null;
  return {
    actor: isBound ? { ...actor, secretHash: sha256Hex(own) } : actor,
    byCookie: false,
    setCookie: [],
  };
}

function admit(actor: Actor, need: Exclude<Need, 'public'>): void {
  if (need === 'agent' || need === 'webhook') {
    if (actor.kind === need) return;
    throw new AppError('forbidden', `This needs a token of kind ${need}.`, { reason: 'actor_kind' });
  }
  requireRole({ actor }, need);
}

/** The secret of a Bearer header, or of Basic with any user name: senders that only know URLs use that. */
function bearer(header: string | null): string | undefined {
  if (header === null) return undefined;
  const [scheme = '', value = ''] = header.trim().split(/\s+/, 2);
  if (/^bearer$/i.test(scheme)) return value;
  if (/^basic$/i.test(scheme)) {
    const pair = Buffer.from(value, 'base64').toString('utf8');
    return pair.slice(pair.indexOf(':') + 1);
  }
  return '';
}

async function byToken(
  runtime: { readonly db: PrismaClient; readonly log: Logger },
  secret: string,
): Promise<Actor> {
  const hash = tokenHash(secret);
  // The look-up by unique hash leaks no timing about the secret itself.
  const row = hash === undefined ? null : await runtime.db.token.findUnique({ where: { hash } });
  if (row === null || row.revokedAt !== null) {
    throw new AppError('unauthenticated', 'The token is unknown or revoked.', { reason: 'token_invalid' });
  }
  const now = Date.now();
  if (row.lastUsedAt === null || now - row.lastUsedAt.getTime() > LAST_USED_STEP_MS) {
    runtime.db.token
      .updateMany({ where: { id: row.id }, data: { lastUsedAt: new Date(now) } })
      .catch((err: unknown) => runtime.log.warn({ err }, 'last use of a token was not stored'));
  }
  if (row.kind === 'agent' || row.kind === 'webhook') return { kind: row.kind, id: row.id, name: row.name };
  return { kind: 'token', id: row.id, name: row.name, role: toRole(row.role) };
}

async function bySession(db: PrismaClient, req: Request): Promise<Authenticated> {
  if (!(req.headers.get('cookie') ?? '').includes(`${COOKIE_PREFIX}.session_token=`)) throw signedOut();
  const auth = await getAuth(db);
  const { headers, response } = await auth.api
    .getSession({ headers: req.headers, returnHeaders: true })
    .catch(async (err: unknown) => {
      // The library hides its cause; a database that is down says so itself here.
      await db.setting.findFirst({ select: { key: true } });
      throw err;
    });
  if (response === null) throw signedOut();
  const { user } = response;
  if (user.disabled) {
    throw new AppError('unauthenticated', 'This account is disabled.', { reason: 'account_disabled' });
  }
  return {
    actor: { kind: 'user', id: user.id, name: user.name, role: toRole(user.role) },
    byCookie: true,
    setCookie: headers.getSetCookie(),
  };
}

function signedOut(): AppError {
  return new AppError('unauthenticated', 'Sign in first.', { reason: 'signed_out' });
}

/** An unknown stored role counts as the weakest. */
function toRole(value: string | null): Role {
  return ROLES.find((role) => role === value) ?? 'viewer';
}
