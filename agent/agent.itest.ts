import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Heartbeat, type HeartbeatReply, heartbeatSchema } from '../core/wire/agents.ts';
import { type IngestItem, ingestHeaderSchema, ingestItemSchema } from '../core/wire/ingest.ts';

const ROOT = join(import.meta.dirname, '..');

/** Speaks the server's side of the wire, and checks every word of the agent against the contract. */
class WireServer {
  readonly items: IngestItem[] = [];
  readonly heartbeats: Heartbeat[] = [];
  ruleset: HeartbeatReply['ruleset'];
  acked = 0;
  readonly #server: Server = createServer((req, res) => {
    void this.#answer(req).then((reply) => res.end(JSON.stringify(reply)));
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `http://127.0.0.1:${address.port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(req: IncomingMessage): Promise<unknown> {
    const parts: Buffer[] = [];
    for await (const part of req) parts.push(part);
    const body = Buffer.concat(parts);
    expect(req.headers.authorization).toBe('Bearer secret');
    if (req.url === '/api/v1/agents/heartbeat') {
      this.heartbeats.push(heartbeatSchema.parse(JSON.parse(body.toString())));
      const { ruleset } = this;
      return {
        serverTime: new Date().toISOString(),
        clusterId: 'default',
        ackedSeq: this.acked,
        activity: 'off',
        ruleset,
      };
    }
    const text = (req.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
    const [head = '', ...lines] = text.trimEnd().split('\n');
    const { firstSeq } = ingestHeaderSchema.parse(JSON.parse(head));
    this.items.push(...lines.map((line) => ingestItemSchema.parse(JSON.parse(line))));
    this.acked = firstSeq + lines.length - 1;
    return { ackedSeq: this.acked, accepted: lines.length, duplicate: 0, rejected: [], backoffMs: 0 };
  }
}

let dir: string;
let server: WireServer;
let url: string;
let agent: ChildProcess | undefined;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'agent-'));
  writeFileSync(join(dir, 'token'), 'secret\n');
  mkdirSync(join(dir, 'rules'));
  server = new WireServer();
  url = await server.start();
});
afterEach(() => {
  agent?.kill('SIGKILL');
  server.stop();
  rmSync(dir, { recursive: true, force: true });
});

function start(...more: string[]): ChildProcess {
  agent = spawn(
    process.execPath,
    [
      join(ROOT, 'agent/entry.ts'),
      '--server',
      url,
      '--token-file',
      join(dir, 'token'),
      '--data',
      join(dir, 'data'),
      '--audit-log',
      join(dir, 'audit.log'),
      '--rules',
      join(dir, 'rules'),
      '--node',
      'n1',
      '--no-probe',
      ...more,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  return agent;
}

function request(auditID: string, username = 'alice'): void {
  const event = {
    auditID,
    stage: 'ResponseComplete',
    verb: 'get',
    user: { username },
    responseStatus: { code: 200 },
    objectRef: { resource: 'pods', namespace: 'shop', name: 'a' },
    stageTimestamp: new Date().toISOString(),
    padding: 'x'.repeat(200),
  };
  appendFileSync(join(dir, 'audit.log'), `${JSON.stringify(event)}\n`);
}
const rule = (name: string, user: string): string =>
  `- rule: ${name}\n  desc: test\n  condition: ka.user.name=${user}\n  output: "%ka.user.name"\n  priority: ERROR\n  source: k8s_audit\n`;
const alerts = (): (string | undefined)[] =>
  server.items.map((item) => (item.k === 'event' ? item.rule : undefined));
const until = (check: () => unknown) => expect.poll(check, { timeout: 60_000, interval: 20 });

describe('the agent process', () => {
  it('delivers what it read, and ends in order within 5 s of SIGTERM', async () => {
    const child = start();
    for (let n = 0; n < 50; n += 1) request(`a-${n}`);
    await until(() => server.items.length).toBeGreaterThan(0);
    for (let n = 50; n < 100; n += 1) request(`a-${n}`);
    await until(() => server.items.length).toBe(100);
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const atMs = performance.now();
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(performance.now() - atMs).toBeLessThan(5_500);
    expect(server.heartbeats[0]).toMatchObject({ node: 'n1', spool: { bytesMax: 512 * 1024 * 1024 } });
  });

  it('takes rules from the server without a restart, and says why it refuses bad ones', async () => {
    server.ruleset = { version: 'v1', files: [{ name: 'v1.yaml', text: rule('Alice reads', 'alice') }] };
    start();
    await until(() => server.heartbeats.length).toBeGreaterThan(1);
    request('a-1');
    await until(alerts).toEqual(['Alice reads']);
    server.ruleset = { version: 'v2', files: [{ name: 'v2.yaml', text: '- rule: no condition' }] };
    await until(() => server.heartbeats.at(-1)?.ruleset.refused?.version).toBe('v2');
    expect(server.heartbeats.at(-1)?.ruleset.refused?.message).toContain('v2.yaml:');
    request('a-2');
    await until(alerts).toEqual(['Alice reads', 'Alice reads']);
  });

  it('takes up a changed local rules file, and again on SIGHUP', async () => {
    const child = start();
    await until(() => server.heartbeats.length).toBeGreaterThan(0);
    const before = server.heartbeats.at(-1)?.ruleset.version;
    writeFileSync(join(dir, 'rules', 'local.yaml'), rule('Bob reads', 'bob'));
    child.kill('SIGHUP');
    await until(() => server.heartbeats.at(-1)?.ruleset.version !== before).toBe(true);
    request('b-1', 'bob');
    await until(alerts).toEqual(['Bob reads']);
  });

  it('refuses a wrong command line with all its faults and exit code 2', async () => {
    const child = spawn(
      process.execPath,
      [join(ROOT, 'agent/entry.ts'), '--server', 'nowhere', '--activity', 'x'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    let text = '';
    child.stderr.on('data', (part: Buffer) => {
      text += part.toString();
    });
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(2);
    expect(text).toMatch(/--server[\s\S]*--token-file[\s\S]*--activity/);
  });
});
