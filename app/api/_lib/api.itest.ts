import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { verifyAuditTrail } from '../../../server/audit-trail/verify.ts';
import { ensureFirstRunToken } from '../../../server/auth/first-run.ts';
import { readConfig } from '../../../server/config.ts';
import { createRuntime, type Runtime } from '../../../server/runtime.ts';
import { type TestDatabase, testDatabase } from '../../../server/testing/postgres.ts';
import { POST as login } from '../v1/login/route.ts';
import { POST as logout } from '../v1/logout/route.ts';
import { GET as me } from '../v1/me/route.ts';
import { POST as setup, GET as setupState } from '../v1/setup/route.ts';
import { DELETE as revoke } from '../v1/tokens/[id]/route.ts';
import { POST as makeToken, GET as tokens } from '../v1/tokens/route.ts';
import { PATCH as patchUser } from '../v1/users/[id]/route.ts';
import { POST as makeUser, GET as users } from '../v1/users/route.ts';
import { handle } from './handle.ts';

const ORIGIN = 'http://eyrie.test';
const ADMIN = { name: 'Ada', email: 'Ada@Example.com', password: 'correct horse battery' };
const holder = globalThis as typeof globalThis & { eyrieRuntime?: Promise<Runtime> | undefined };

let database: TestDatabase;
let runtime: Runtime;
let cookie = '';

type Route = (req: Request, route: { params: Promise<unknown> }) => Promise<Response>;

async function call(
  route: Route,
  options: {
    readonly method?: string;
    readonly body?: unknown;
    readonly headers?: Record<string, string>;
    readonly params?: Record<string, string>;
    readonly path?: string;
  } = {},
): Promise<{ status: number; body: Record<string, unknown>; res: Response }> {
  const req = new Request(`${ORIGIN}${options.path ?? '/'}`, {
    method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
    headers: { host: 'eyrie.test', ...options.headers },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const res = await route(req, { params: Promise.resolve(options.params ?? {}) });
  const text = await res.clone().text();
  return { status: res.status, body: text === '' ? {} : JSON.parse(text), res };
}

const withCookie = () => ({ cookie, origin: ORIGIN });
const lastAudit = () => database.db.auditTrail.findFirst({ orderBy: { id: 'desc' } });

async function newUser(email: string, role: string): Promise<string> {
  const body = { name: email, email, password: 'a long enough password', role };
  const made = await call(makeUser, { body, headers: withCookie() });
  expect(made.status).toBe(201);
  return String(made.body.id);
}

async function cookieOf(email: string, password = 'a long enough password'): Promise<string> {
  const { res } = await call(login, { body: { email, password } });
  return (res.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
}

beforeAll(async () => {
  database = await testDatabase();
  runtime = await createRuntime(readConfig({ DATABASE_URL: database.url, EYRIE_LOG_LEVEL: 'silent' }));
  holder.eyrieRuntime = Promise.resolve(runtime);
});

afterAll(async () => {
  holder.eyrieRuntime = undefined;
  await runtime?.shutdown();
  await database?.drop();
});

describe('setup', () => {
  it('makes the first administrator with the printed token, once, and signs them in', async () => {
    const token = await ensureFirstRunToken(database.db);
    expect((await call(setupState)).body).toEqual({ needed: true });
    const wrong = await call(setup, { body: { ...ADMIN, token: 'wrong' } });
    expect([wrong.status, wrong.body.reason]).toEqual([403, 'setup_token']);

    const right = await call(setup, { body: { ...ADMIN, token } });
    expect(right.status).toBe(201);
    const set = right.res.headers.getSetCookie()[0] ?? '';
    expect(set).toMatch(/HttpOnly/i);
    expect(set).toMatch(/SameSite=Strict/i);
    expect(set).not.toMatch(/Secure/);
    cookie = set.split(';')[0] ?? '';
    expect((await call(me, { headers: { cookie } })).body).toMatchObject({
      user: { name: 'Ada', role: 'admin' },
    });

    const again = await call(setup, { body: { ...ADMIN, email: 'eve@example.com', token } });
    expect([again.status, again.body.reason]).toEqual([409, 'setup_done']);
    expect(await ensureFirstRunToken(database.db)).toBeNull();
    expect((await call(setupState)).body).toEqual({ needed: false });
    const verbs = (await database.db.auditTrail.findMany({ orderBy: { id: 'asc' } })).map((row) => row.verb);
    expect(verbs).toEqual(['setup', 'login']);
  });
});

describe('sessions', () => {
  it('gives one answer for a wrong password and an unknown address', async () => {
    const wrong = await call(login, { body: { email: ADMIN.email, password: 'nope' } });
    const unknown = await call(login, { body: { email: 'no@example.com', password: 'nope' } });
    expect(wrong.status).toBe(401);
    expect({ ...unknown.body, requestId: '' }).toEqual({ ...wrong.body, requestId: '' });
  });

  it('marks the cookie Secure behind https', async () => {
    const { res } = await call(login, { body: ADMIN, headers: { 'x-forwarded-proto': 'https' } });
    expect(res.headers.getSetCookie()[0]).toMatch(/; Secure/);
  });

  it('refuses a forged cookie and no cookie', async () => {
    expect((await call(me)).status).toBe(401);
    expect((await call(me, { headers: { cookie: `${cookie.slice(0, -6)}aaaaaa` } })).status).toBe(401);
  });

  it('ends at logout and records it', async () => {
    const other = await cookieOf(ADMIN.email, ADMIN.password);
    const out = await call(logout, { method: 'POST', headers: { cookie: other, origin: ORIGIN } });
    expect(out.status).toBe(204);
    expect((await lastAudit())?.verb).toBe('logout');
    expect((await call(me, { headers: { cookie: other } })).status).toBe(401);
  });

  it('stops guessing after ten attempts on one account from one address', async () => {
    const body = { email: 'guess@example.com', password: 'x' };
    const statuses: number[] = [];
    for (let i = 0; i < 11; i += 1) statuses.push((await call(login, { body })).status);
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
    expect(statuses[10]).toBe(429);
  });
});

describe('other sites', () => {
  it('cannot change anything by cookie: foreign, null and missing Origin are refused', async () => {
    const body = { name: 'x', kind: 'agent' };
    for (const origin of ['https://evil.example', 'null', undefined]) {
      const headers = origin === undefined ? { cookie } : { cookie, origin };
      expect((await call(makeToken, { body, headers })).status).toBe(403);
    }
    expect(await database.db.token.count()).toBe(0);
  });

  it('cannot log a browser in', async () => {
    const { status } = await call(login, { body: ADMIN, headers: { origin: 'https://evil.example' } });
    expect(status).toBe(403);
  });
});

describe('users', () => {
  it('are made by an administrator and recorded', async () => {
    const id = await newUser('vera@example.com', 'viewer');
    expect(await lastAudit()).toMatchObject({ verb: 'user.create', target: `user:${id}`, actor: 'Ada' });
    const twice = await call(makeUser, {
      body: { name: 'V', email: 'VERA@example.com', password: 'a long enough password', role: 'viewer' },
      headers: withCookie(),
    });
    expect([twice.status, twice.body.reason]).toEqual([409, 'email_taken']);
  });

  it('rejects a viewer in every route of the administrator', async () => {
    const viewer = { cookie: await cookieOf('vera@example.com'), origin: ORIGIN };
    const before = await database.db.auditTrail.count();
    const user = { name: 'x', email: 'x@example.com', password: 'a long enough password', role: 'admin' };
    const refused = [
      await call(users, { headers: viewer }),
      await call(makeUser, { body: user, headers: viewer }),
      await call(patchUser, {
        method: 'PATCH',
        body: { role: 'admin' },
        params: { id: 'x' },
        headers: viewer,
      }),
      await call(tokens, { headers: viewer }),
      await call(makeToken, { body: { name: 'x', kind: 'agent' }, headers: viewer }),
      await call(revoke, { method: 'DELETE', params: { id: 'x' }, headers: viewer }),
    ];
    expect(refused.map((reply) => reply.status)).toEqual(Array(6).fill(403));
    expect(await database.db.auditTrail.count()).toBe(before);
  });

  it('lose their sessions at once when disabled, and cannot sign in', async () => {
    const id = await newUser('rob@example.com', 'responder');
    const rob = await cookieOf('rob@example.com');
    expect((await call(me, { headers: { cookie: rob } })).status).toBe(200);
    const patch = { method: 'PATCH', params: { id }, headers: withCookie() };
    expect((await call(patchUser, { ...patch, body: { disabled: true } })).body).toMatchObject({
      disabled: true,
    });
    expect(await lastAudit()).toMatchObject({ verb: 'user.patch', target: `user:${id}` });
    expect((await call(me, { headers: { cookie: rob } })).status).toBe(401);
    const body = { email: 'rob@example.com', password: 'a long enough password' };
    expect((await call(login, { body })).status).toBe(401);
  });

  it('keeps the last enabled administrator', async () => {
    const ada = await database.db.user.findUniqueOrThrow({ where: { email: 'ada@example.com' } });
    for (const body of [{ role: 'viewer' }, { disabled: true }]) {
      const reply = await call(patchUser, {
        method: 'PATCH',
        params: { id: ada.id },
        body,
        headers: withCookie(),
      });
      expect([reply.status, reply.body.reason]).toEqual([409, 'last_admin']);
    }
  });
});

describe('tokens', () => {
  it('show their secret once, store its hash, and stop working when revoked', async () => {
    const body = { name: 'ci', kind: 'api', role: 'viewer' };
    const made = await call(makeToken, { body, headers: withCookie() });
    const secret = String(made.body.secret);
    expect(secret).toMatch(/^eyr_api_/);
    expect(await lastAudit()).toMatchObject({ verb: 'token.create' });
    const stored = await database.db.token.findFirstOrThrow();
    expect(JSON.stringify(stored)).not.toContain(secret);
    expect((await call(tokens, { headers: withCookie() })).res.ok).toBe(true);

    const bearer = { authorization: `Bearer ${secret}` };
    expect((await call(me, { headers: bearer })).body).toMatchObject({
      user: { name: 'ci', role: 'viewer' },
    });
    const gone = await call(revoke, { method: 'DELETE', params: { id: stored.id }, headers: withCookie() });
    expect(gone.body).toMatchObject({ revokedAt: expect.any(String) });
    expect(await lastAudit()).toMatchObject({ verb: 'token.revoke' });
    expect((await call(me, { headers: bearer })).status).toBe(401);
  });

  it('of agents and webhooks send and do nothing else', async () => {
    const send = handle({ auth: 'agent' }, async ({ ctx }) => ({ kind: ctx.actor.kind }));
    const { body } = await call(makeToken, { body: { name: 'n1', kind: 'agent' }, headers: withCookie() });
    const bearer = { authorization: `Bearer ${body.secret}` };
    const basic = { authorization: `Basic ${Buffer.from(`eyrie:${body.secret}`).toString('base64')}` };
    expect((await call(send, { headers: bearer })).body).toEqual({ kind: 'agent' });
    expect((await call(send, { headers: basic })).body).toEqual({ kind: 'agent' });
    expect((await call(me, { headers: bearer })).status).toBe(403);
    expect((await call(send, { headers: { cookie } })).status).toBe(403);
  });

  it('need a role exactly when they are of kind api', async () => {
    for (const body of [
      { name: 'x', kind: 'api' },
      { name: 'x', kind: 'agent', role: 'admin' },
    ]) {
      expect((await call(makeToken, { body, headers: withCookie() })).body.reason).toBe('token_role');
    }
  });
});

describe('handle', () => {
  it('answers a fault in the body with its path and the request id', async () => {
    const { status, body, res } = await call(makeUser, { body: { name: '' }, headers: withCookie() });
    expect(status).toBe(400);
    expect(res.headers.get('content-type')).toBe('application/problem+json');
    expect(res.headers.get('x-request-id')).toBe(body.requestId);
    expect(JSON.stringify(body.faults)).toContain('body.email');
  });

  it('refuses a body above the limit and tells the limit', async () => {
    const { status, body } = await call(login, { body: { email: 'x'.repeat(1024 * 1024) } });
    expect(status).toBe(413);
    expect(body.message).toContain('1048576');
  });

  it('tells nothing of an unexpected error', async () => {
    const broken = handle({ auth: 'public' }, async () => {
      throw new Error('password=hunter2');
    });
    const { status, body } = await call(broken);
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('hunter2');
  });

  it('collects repeated parameters, namespaces and facets', async () => {
    const echo = handle(
      { auth: 'public', query: z.record(z.string(), z.unknown()) },
      async ({ query }) => query,
    );
    const { body } = await call(echo, { path: '/?q=a&ns=x&f.rule=!r&f.rule=s&k=1&k=2' });
    expect(body).toEqual({ q: 'a', ns: ['x'], facets: { rule: ['!r', 's'] }, k: ['1', '2'] });
  });
});

describe('audit trail', () => {
  it('verifies after all of this, refuses changes, and shows a forged row', async () => {
    const verdict = await verifyAuditTrail({ db: database.db });
    expect(verdict).toMatchObject({ ok: true, rows: await database.db.auditTrail.count() });
    const update = database.pool.query(`UPDATE audit_trail SET actor = 'Eve' WHERE verb = 'user.create'`);
    await expect(update).rejects.toThrow('append-only');
    await database.pool.query('ALTER TABLE audit_trail DISABLE TRIGGER USER');
    await database.pool.query(`UPDATE audit_trail SET actor = 'Eve' WHERE verb = 'setup'`);
    expect(await verifyAuditTrail({ db: database.db })).toMatchObject({
      ok: false,
      why: 'the row was changed',
    });
  });
});
