import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToken } from '../../../server/auth/create-token.ts';
import { ensureFirstRunToken } from '../../../server/auth/first-run.ts';
import { readConfig } from '../../../server/config.ts';
import { createRuntime, type Runtime } from '../../../server/runtime.ts';
import { testContext } from '../../../server/testing/context.ts';
import { type TestDatabase, testDatabase } from '../../../server/testing/postgres.ts';
import { POST as login } from '../v1/login/route.ts';
import { GET as me } from '../v1/me/route.ts';
import { POST as setup } from '../v1/setup/route.ts';
import { handle } from './handle.ts';

const ADMIN = { name: 'Ada', email: 'ada@example.com', password: 'correct horse battery' };
const holder = globalThis as typeof globalThis & { eyrieRuntime?: Promise<Runtime> | undefined };
const whole = handle({ auth: 'viewer' }, async () => ({ ok: true }));

let database: TestDatabase;
let runtime: Runtime;
let line: Server;
const sockets = new Set<Socket>();
let secret = '';
let cookie = '';

/** The server reaches PostgreSQL through this line, so that a test can cut it. */
function openLine(target: URL): Promise<number> {
  line = createServer((near) => {
    const far = connect({ host: target.hostname, port: Number(target.port) });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy()).on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  return new Promise((resolve) => {
    line.listen(0, '127.0.0.1', () => {
      const address = line.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

function cutLine(): void {
  line.close();
  for (const socket of sockets) socket.destroy();
}

async function get(route: typeof whole, headers: Record<string, string>, body?: unknown) {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const req = new Request('http://eyrie.test/', { ...init, headers: { host: 'eyrie.test', ...headers } });
  const res = await route(req, { params: Promise.resolve({}) });
  return { res, status: res.status, body: (await res.clone().json()) as Record<string, unknown> };
}

beforeAll(async () => {
  database = await testDatabase();
  const url = new URL(database.url);
  url.port = String(await openLine(new URL(database.url)));
  url.hostname = '127.0.0.1';
  runtime = await createRuntime(readConfig({ DATABASE_URL: url.href, EYRIE_LOG_LEVEL: 'silent' }));
  holder.eyrieRuntime = Promise.resolve(runtime);
  const made = await get(setup, {}, { ...ADMIN, token: await ensureFirstRunToken(database.db) });
  cookie = (made.res.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
  const actor = { kind: 'user', id: 'user-1', name: 'Ada', role: 'admin' } as const;
  const input = { name: 'reader', kind: 'api', role: 'viewer' } as const;
  secret = (await createToken({ ctx: testContext(database, { actor }), input })).secret;
});

afterAll(async () => {
  holder.eyrieRuntime = undefined;
  cutLine();
  await runtime?.shutdown();
  await database?.drop();
});

describe('a database that goes away', { timeout: 60_000 }, () => {
  it('answers 503 unavailable to tokens, sessions and sign-ins, never 500 or 401', async () => {
    expect((await get(whole, { authorization: `Bearer ${secret}` })).status).toBe(200);
    expect((await get(me, { cookie })).status).toBe(200);
    cutLine();
    const { email, password } = ADMIN;
    // Twice: the first meets connections that break, the second ones that are refused.
    for (let round = 0; round < 2; round += 1) {
      const replies = [
        await get(whole, { authorization: `Bearer ${secret}` }),
        await get(me, { cookie }),
        await get(login, {}, { email, password }),
      ];
      expect(replies.map(({ status, body }) => [status, body.code])).toEqual(
        replies.map(() => [503, 'unavailable']),
      );
    }
  });
});
