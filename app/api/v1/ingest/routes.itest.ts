import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAuditObject } from '../../../../prisma/seed/make-audit-object.ts';
import { eventItem, makeAlert, makeBatch, makeEvent } from '../../../../prisma/seed/make-event.ts';
import { makeHeartbeat } from '../../../../prisma/seed/make-heartbeat.ts';
import { newTokenSecret, sha256Hex, type TokenKind } from '../../../../server/auth/token-secret.ts';
import { readConfig } from '../../../../server/config.ts';
import { createRuntime, type Runtime } from '../../../../server/runtime.ts';
import { type TestDatabase, testDatabase } from '../../../../server/testing/postgres.ts';
import { POST as heartbeat } from '../agents/heartbeat/route.ts';
import { GET as agents } from '../agents/route.ts';
import { GET as detail } from '../events/[id]/route.ts';
import { GET as facets } from '../events/facets/route.ts';
import { GET as histogram } from '../events/histogram/route.ts';
import { GET as events } from '../events/route.ts';
import { GET as health } from '../health/route.ts';
import { POST as audit } from '../k8s-audit/route.ts';
import { GET as kpis } from '../kpis/route.ts';
import { GET as metrics } from '../metrics/route.ts';
import { GET as overview } from '../overview/route.ts';
import { POST as ingest } from './route.ts';

type Route = (req: Request, route: { params: Promise<unknown> }) => Promise<Response>;

const holder = globalThis as typeof globalThis & { eyrieRuntime?: Promise<Runtime> | undefined };
const secrets = new Map<TokenKind, string>();
let database: TestDatabase;
let runtime: Runtime;

beforeAll(async () => {
  database = await testDatabase();
  runtime = await createRuntime(readConfig({ DATABASE_URL: database.url, EYRIE_LOG_LEVEL: 'silent' }));
  holder.eyrieRuntime = Promise.resolve(runtime);
  for (const kind of ['agent', 'webhook', 'api'] as const) {
    const secret = newTokenSecret(kind);
    secrets.set(kind, secret);
    const role = kind === 'api' ? 'viewer' : null;
    await database.db.token.create({
      data: { name: kind, kind, role, prefix: secret.slice(0, 8), hash: sha256Hex(secret) },
    });
  }
});
afterAll(async () => {
  holder.eyrieRuntime = undefined;
  await runtime.shutdown();
  await database.drop();
});

async function call(
  route: Route,
  options: {
    readonly as?: TokenKind;
    readonly path?: string;
    readonly body?: Buffer | string;
    readonly gzip?: boolean;
    readonly params?: Record<string, string>;
  },
) {
  const headers = new Headers();
  if (options.as !== undefined) headers.set('authorization', `Bearer ${secrets.get(options.as)}`);
  if (options.gzip === true) headers.set('content-encoding', 'gzip');
  const init =
    options.body === undefined
      ? { headers }
      : { headers, method: 'POST', body: new Uint8Array(Buffer.from(options.body)) };
  const res = await route(new Request(`http://eyrie.test${options.path ?? '/'}`, init), {
    params: Promise.resolve(options.params ?? {}),
  });
  const text = await res.text();
  return { res, status: res.status, text, json: () => JSON.parse(text) };
}

const range = `from=${new Date(Date.now() - 600_000).toISOString()}&to=${new Date(Date.now() + 600_000).toISOString()}`;
const batch = (items: Parameters<typeof makeBatch>[1]) =>
  makeBatch({ agentId: randomUUID(), epoch: 1, firstSeq: 1 }, items);

describe('senders', () => {
  it('an agent sends packed batches and heartbeats, and nobody else does', async () => {
    const body = gzipSync(batch([eventItem(makeAlert()), eventItem(makeEvent())]));
    const sent = await call(ingest, { as: 'agent', body, gzip: true });
    expect([sent.status, sent.json()]).toEqual([
      200,
      { ackedSeq: 2, accepted: 2, duplicate: 0, rejected: [], backoffMs: 0 },
    ]);
    expect((await call(ingest, { as: 'api', body, gzip: true })).status).toBe(403);
    expect((await call(ingest, { body, gzip: true })).status).toBe(401);
    const beat = JSON.stringify(makeHeartbeat({ agentId: randomUUID() }));
    expect((await call(heartbeat, { as: 'agent', body: beat })).status).toBe(200);
    expect((await call(heartbeat, { as: 'webhook', body: beat })).status).toBe(403);
  });

  it('an API server posts audit events', async () => {
    const items = [makeAuditObject({ auditID: randomUUID(), at: new Date() })];
    const body = JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items });
    const sent = await call(audit, { as: 'webhook', body });
    expect([sent.status, sent.json().accepted]).toEqual([200, 1]);
    expect((await call(audit, { as: 'webhook', body: '{"kind":"Pod"}' })).status).toBe(400);
  });

  it('a body that unfolds beyond the limit is refused by name, without being unfolded', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x20), { level: 9 });
    expect(bomb.length).toBeLessThan(300_000);
    const sent = await call(ingest, { as: 'agent', body: bomb, gzip: true });
    expect([sent.status, sent.json().code]).toEqual([413, 'too_large']);
    expect(sent.json().message).toContain('8388608 bytes');
  });

  it('broken packing is a bad request', async () => {
    const sent = await call(ingest, { as: 'agent', body: Buffer.from('not gzip'), gzip: true });
    expect([sent.status, sent.json().code]).toEqual([400, 'bad_request']);
  });
});

describe('readers', () => {
  it.each([
    ['events', events],
    ['facets', facets],
    ['histogram', histogram],
    ['kpis', kpis],
    ['overview', overview],
    ['agents', agents],
  ] as const)('%s are read with a viewer token and by no sender', async (_, route) => {
    expect((await call(route, { as: 'api', path: `/?${range}` })).status).toBe(200);
    expect((await call(route, { as: 'agent', path: `/?${range}` })).status).toBe(403);
    expect((await call(route, { path: `/?${range}` })).status).toBe(401);
  });

  it('an event is found by what the list says of it', async () => {
    const list = await call(events, { as: 'api', path: `/?${range}&f.rule=*` });
    const [row] = list.json().rows;
    const path = `/?time=${encodeURIComponent(row.time)}`;
    const found = await call(detail, { as: 'api', path, params: { id: row.id } });
    expect([found.status, found.json().row.id]).toEqual([200, row.id]);
    expect((await call(detail, { as: 'api', path, params: { id: '1;--' } })).status).toBe(400);
  });

  it('a bad filter is a 400 with its position', async () => {
    const bad = await call(events, { as: 'api', path: `/?${range}&q=${encodeURIComponent('proc.nam=x')}` });
    expect([bad.status, bad.json().reason, bad.json().faults[0].line]).toEqual([400, 'filter_syntax', 1]);
  });

  it('metrics are Prometheus text for a viewer', async () => {
    const found = await call(metrics, { as: 'api' });
    expect(found.res.headers.get('content-type')).toContain('text/plain');
    expect(found.text).toMatch(/eyrie_ingest_events_total\{source="syscall"\} [1-9]/);
    expect(found.text).toMatch(/eyrie_ingest_category_total\{category="secret_read"\} 1/);
    expect((await call(metrics, {})).status).toBe(401);
  });

  it('health tells the state of the database to anybody', async () => {
    const ok = await health();
    expect([ok.status, await ok.json()]).toEqual([200, { status: 'ok' }]);
  });
});

it('with the database away, senders are told to come back and nothing is acknowledged', async () => {
  const away = await createRuntime(readConfig({ DATABASE_URL: database.url, EYRIE_LOG_LEVEL: 'silent' }));
  const down = {
    ...away,
    pool: Object.assign(Object.create(away.pool), { connect: refused, query: refused }),
  };
  holder.eyrieRuntime = Promise.resolve(down);
  try {
    const sent = await call(ingest, { as: 'agent', body: batch([eventItem(makeEvent())]) });
    expect([sent.status, sent.res.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await health()).status).toBe(503);
  } finally {
    holder.eyrieRuntime = Promise.resolve(runtime);
    await away.shutdown();
  }
});

function refused(): Promise<never> {
  return Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
}
