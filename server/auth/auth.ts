import { randomBytes } from 'node:crypto';
import { betterAuth } from 'better-auth';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import type { PrismaClient } from '../../prisma/generated/client.ts';

const SESSION_SECONDS = 14 * 24 * 3600;
const SECRET_KEY = 'auth_secret';
export const COOKIE_PREFIX = 'eyrie';

export type Auth = ReturnType<typeof build>;

const instances = new WeakMap<PrismaClient, Promise<Auth>>();

/**
 * The session engine of this database: one per Prisma client. The cookie secret lives in `setting`,
 * made once by whichever replica comes first, so that all replicas accept each other's cookies.
 */
export function getAuth(db: PrismaClient): Promise<Auth> {
  const known = instances.get(db);
  if (known !== undefined) return known;
  const made = ensureSecret(db).then((secret) => build(db, secret));
  instances.set(db, made);
  made.catch(() => instances.delete(db));
  return made;
}

function build(db: PrismaClient, secret: string) {
  return betterAuth({
    database: prismaAdapter(db, { provider: 'postgresql' }),
    secret,
    // Only in-process calls are made, so this address is never served; the library insists on one.
    baseURL: 'http://localhost',
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 12, maxPasswordLength: 128 },
    session: { expiresIn: SESSION_SECONDS, updateAge: 24 * 3600 },
    rateLimit: { enabled: false },
    logger: { disabled: true },
    telemetry: { enabled: false },
    user: {
      additionalFields: {
        role: { type: 'string', required: true, input: false, defaultValue: 'viewer' },
        disabled: { type: 'boolean', required: true, input: false, defaultValue: false },
      },
    },
    advanced: {
      cookiePrefix: COOKIE_PREFIX,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'strict', path: '/' },
      ipAddress: { disableIpTracking: true },
    },
  });
}

async function ensureSecret(db: PrismaClient): Promise<string> {
  await db.setting.createMany({
    data: [{ key: SECRET_KEY, value: randomBytes(32).toString('base64url') }],
    skipDuplicates: true,
  });
  const row = await db.setting.findUniqueOrThrow({ where: { key: SECRET_KEY } });
  if (typeof row.value !== 'string') throw new Error(`setting ${SECRET_KEY} is not a string`);
  return row.value;
}
