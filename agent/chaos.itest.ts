import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToken } from '../server/auth/create-token.ts';
import { openDatabases } from '../server/db/client.ts';
import { type Embedded, startEmbedded } from '../server/db/embedded.ts';
import { migrate } from '../server/db/migrate.ts';

const EVENTS = 100_000;
const ROOT = join(import.meta.dirname, '..');
/** The real route handlers behind a bare HTTP server, in a process of their own that can be killed. */
const SERVER = `
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { POST as ingest } from ${JSON.stringify(join(ROOT, 'app/api/v1/ingest/route.ts'))};
import { POST as heartbeat } from ${JSON.stringify(join(ROOT, 'app/api/v1/agents/heartbeat/route.ts'))};
const routes = { '/api/v1/ingest': ingest, '/api/v1/agents/heartbeat': heartbeat };
createServer(async (req, res) => {
  const handler = routes[req.url ?? ''];
  if (handler === undefined) { res.writeHead(404).end(); return; }
  const request = new Request('http://' + req.headers.host + req.url, {
    method: 'POST', headers: req.headers, body: Readable.toWeb(req), duplex: 'half',
  });
  const reply = await handler(request, { params: Promise.resolve({}) });
  res.writeHead(reply.status, Object.fromEntries(reply.headers));
  res.end(Buffer.from(await reply.arrayBuffer()));
}).listen(Number(process.argv[2]), '127.0.0.1');
`;

let dir: string;
let database: Embedded;
let port: number;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'chaos-'));
  chmodSync(dir, 0o711);
  port = await freePort();
  database = await startEmbedded({ dataDir: join(dir, 'pg') });
  await migrate(database.url);
  await query(`INSERT INTO cluster (id, name) VALUES ('default', 'default') ON CONFLICT DO NOTHING`);
  writeFileSync(join(dir, 'token'), await agentToken());
  writeFileSync(join(dir, 'server.ts'), SERVER);
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await database.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('killing everything, in turn and together', () => {
  it('stores each of 100,000 audit events exactly once', { timeout: 400_000 }, async () => {
    const log = join(dir, 'audit.log');
    writeAuditLines(log, 0, EVENTS / 2);
    let server = startServer();
    let agent = startAgent(log);

    await stored(EVENTS * 0.05);
    agent = await killAndStart(agent, () => startAgent(log));
    await stored(EVENTS * 0.15);
    server = await killAndStart(server, startServer);
    await stored(EVENTS * 0.25);
    await killDatabase();
    database = await restartDatabase();

    await stored(EVENTS * 0.4);
    renameSync(log, join(dir, 'audit-2026-11-21T08-00-00.000.log'));
    writeAuditLines(log, EVENTS / 2, EVENTS);
    await stored(EVENTS * 0.6);
    // All three at the same time.
    await Promise.all([kill(agent), kill(server), killDatabase()]);
    database = await restartDatabase();
    server = startServer();
    agent = startAgent(log);

    await stored(EVENTS);
    await stop(agent);
    await kill(server);
    const [counts] = await query<{ rows: string; audits: string; requests: string }>(
      `SELECT count(*) AS rows, count(DISTINCT id) AS audits, count(DISTINCT raw->>'auditID') AS requests
         FROM event WHERE source = 'k8s_audit'`,
    );
    expect(counts).toEqual({ rows: String(EVENTS), audits: String(EVENTS), requests: String(EVENTS) });
    const gaps = await query(
      `SELECT source, cause, count, detail FROM gap WHERE cause NOT IN ('agent_down', 'audit_lag')`,
    );
    expect(gaps).toEqual([]);
    const [rollup] = await query<{ sum: string }>(
      `SELECT sum(count)::text FROM event_rollup WHERE metric = 'event' AND source = 'k8s_audit'`,
    );
    expect(rollup?.sum).toBe(String(EVENTS));
  });
});

function writeAuditLines(path: string, from: number, to: number): void {
  const startMs = Date.now() - 60_000;
  for (let block = from; block < to; block += 1_000) {
    const lines: string[] = [];
    for (let n = block; n < Math.min(block + 1_000, to); n += 1) {
      const time = new Date(startMs + (n % 50_000)).toISOString();
      lines.push(
        JSON.stringify({
          kind: 'Event',
          apiVersion: 'audit.k8s.io/v1',
          level: 'Metadata',
          auditID: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
          stage: 'ResponseComplete',
          requestURI: '/api/v1/namespaces/shop/pods',
          verb: 'list',
          user: { username: `user-${n % 17}`, groups: ['system:authenticated'] },
          sourceIPs: ['10.0.0.9'],
          userAgent: 'kubectl/v1.32.4',
          objectRef: { resource: 'pods', namespace: 'shop', apiVersion: 'v1' },
          responseStatus: { metadata: {}, code: 200 },
          requestReceivedTimestamp: time,
          stageTimestamp: time,
          annotations: { 'authorization.k8s.io/decision': 'allow' },
        }),
      );
    }
    appendFileSync(path, `${lines.join('\n')}\n`);
  }
}

function startAgent(log: string): ChildProcess {
  return start([
    join(ROOT, 'agent/entry.ts'),
    '--server',
    `http://127.0.0.1:${port}`,
    '--token-file',
    join(dir, 'token'),
    '--data',
    join(dir, 'agent'),
    '--audit-log',
    log,
    '--no-probe',
    ...['--node-logs', 'off', '--file-integrity', 'off', '--no-resources'],
    '--node',
    'chaos',
  ]);
}

function startServer(): ChildProcess {
  return start([join(dir, 'server.ts'), String(port)]);
}

function start(args: string[]): ChildProcess {
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    DATABASE_URL: database.url,
    EYRIE_LOG_LEVEL: 'silent',
    NODE_ENV: 'test',
  };
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
  running.add(child);
  return child;
}

async function killAndStart(child: ChildProcess, again: () => ChildProcess): Promise<ChildProcess> {
  await kill(child);
  return again();
}

async function kill(child: ChildProcess): Promise<void> {
  await end(child, 'SIGKILL');
}

async function stop(child: ChildProcess): Promise<void> {
  await end(child, 'SIGTERM');
  expect(child.exitCode).toBe(0);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
  running.delete(child);
}

async function killDatabase(): Promise<void> {
  const { pid } = database;
  const backends = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  process.kill(pid, 'SIGKILL');
  // The backends leave on their own; until then they hold the shared memory.
  for (const process of [pid, ...backends.map(Number)]) await gone(process);
}

async function gone(pid: number): Promise<void> {
  await expect.poll(() => readState(pid), { timeout: 30_000, interval: 20 }).toBe('gone');
}

function readState(pid: number): string {
  try {
    return /State:\t(\S)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 'gone';
  } catch {
    return 'gone';
  }
}

function restartDatabase(): Promise<Embedded> {
  return startEmbedded({ dataDir: join(dir, 'pg'), port: Number(new URL(database.url).port) });
}

async function stored(count: number): Promise<void> {
  const read = async () => {
    const [row] = await query<{ count: string }>(`SELECT count(*) FROM event WHERE source = 'k8s_audit'`);
    return Number(row?.count);
  };
  await expect.poll(read, { timeout: 120_000, interval: 100 }).toBeGreaterThanOrEqual(count);
}

async function query<T extends pg.QueryResultRow>(text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

async function agentToken(): Promise<string> {
  const { db, close } = openDatabases(database.url, { max: 2 });
  try {
    const created = await createToken({
      ctx: { actor: { kind: 'system', name: 'Eyrie' }, db, now: () => new Date() },
      input: { name: 'chaos', kind: 'agent' },
    });
    return created.secret;
  } finally {
    await close();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
