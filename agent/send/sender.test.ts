import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ingestHeaderSchema } from '../../core/wire/ingest.ts';
import { eventLine } from '../spool/item.ts';
import { Spool } from '../spool/spool.ts';
import { HttpClient } from './http-client.ts';
import { Sender } from './sender.ts';

const AGENT = '3b241101-e2bb-4255-8caf-4136c566a962';

/** Answers as the real server does by number, after what the script tells it to do first. */
class Receiver {
  readonly stored = new Map<number, string>();
  readonly sizes: number[] = [];
  /** One entry per request before normal service: a status, or `drop` to cut the line after storing. */
  script: (number | 'drop')[] = [];
  linesMax = Number.POSITIVE_INFINITY;
  acked = 0;
  readonly droppedThrough: (number | undefined)[] = [];
  #server: Server | undefined;

  async start(): Promise<string> {
    const server = createServer(async (req, res) => {
      const parts: Buffer[] = [];
      for await (const part of req) parts.push(part);
      const body = Buffer.concat(parts);
      this.#answer(req.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body, res);
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `http://127.0.0.1:${address.port}`;
  }

  stop(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  #answer(body: Buffer, res: ServerResponse): void {
    const [head = '', ...lines] = body.toString().trimEnd().split('\n');
    const header = ingestHeaderSchema.parse(JSON.parse(head));
    const step = this.script.shift();
    if (typeof step === 'number') return void res.writeHead(step).end('{}');
    if (lines.length > this.linesMax) return void res.writeHead(413).end('{}');
    this.sizes.push(lines.length);
    this.droppedThrough.push(header.droppedThrough);
    expect(header.firstSeq).toBeLessThanOrEqual(Math.max(this.acked, header.droppedThrough ?? 0) + 1);
    for (const [index, line] of lines.entries()) {
      const seq = header.firstSeq + index;
      if (seq > this.acked) this.stored.set(seq, line);
    }
    this.acked = Math.max(this.acked, header.firstSeq + lines.length - 1);
    if (step === 'drop') return void res.destroy();
    res.end(
      JSON.stringify({
        ackedSeq: this.acked,
        accepted: lines.length,
        duplicate: 0,
        rejected: [],
        backoffMs: 0,
      }),
    );
  }
}

let dir: string;
let receiver: Receiver;
let spool: Spool;
let sender: Sender;
let client: HttpClient;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'send-'));
  writeFileSync(join(dir, 'token'), 'secret\n');
  receiver = new Receiver();
  spool = new Spool({ dir: join(dir, 'spool'), fsync: { kind: 'never' } });
  client = new HttpClient({ server: await receiver.start(), tokenFile: join(dir, 'token') });
  sender = new Sender({ client, spool, agentId: AGENT, lingerMs: 0, random: () => 0 });
});
afterEach(async () => {
  await sender.stop(0);
  client.close();
  spool.close();
  receiver.stop();
  rmSync(dir, { recursive: true });
});

function append(count: number): void {
  for (let n = 1; n <= count; n += 1) {
    spool.append(
      eventLine({
        timeNs: '1',
        source: 'syscall',
        type: 'openat',
        categories: [],
        outcome: 'ok',
        priority: 6,
        summary: `event ${n}`,
        enrichment: 'none',
        fields: {},
      }),
    );
  }
  spool.flush();
}
const delivered = (): string[] =>
  [...receiver.stored.values()].map((line) => String(JSON.parse(line).summary));
const expected = (count: number): string[] => Array.from({ length: count }, (_, n) => `event ${n + 1}`);

describe('delivery', { timeout: 60_000 }, () => {
  it('sends everything once, in order, and deletes what is acknowledged', async () => {
    append(12_345);
    sender.start();
    await sender.stop(30_000);
    expect(delivered()).toEqual(expected(12_345));
    expect(spool.state).toMatchObject({ lastSeq: 12_345, ackedSeq: 12_345 });
  });

  it('says which numbers the spool dropped, so that one gap tells of the hole with its exact count', async () => {
    spool.close();
    spool = new Spool({
      dir: join(dir, 'small'),
      fsync: { kind: 'never' },
      segmentBytes: 4_096,
      bytesMax: 16_384,
    });
    sender = new Sender({ client, spool, agentId: AGENT, lingerMs: 0, random: () => 0 });
    for (let n = 0; n < 60; n += 1) append(10);
    sender.start();
    await sender.stop(30_000);
    const items = [...receiver.stored.values()].map((line) => JSON.parse(line));
    const gaps = items.filter(({ k }) => k === 'gap');
    const lost = gaps.reduce((sum, { count }) => sum + count, 0);
    expect(lost).toBe(600 - (items.length - gaps.length));
    expect(lost).toBeGreaterThan(0);
    expect(receiver.droppedThrough[0]).toBe(Math.min(...receiver.stored.keys()) - 1);
  });

  it('sends what is appended later without being asked', async () => {
    sender.start();
    append(3);
    await sender.stop(30_000);
    expect(delivered()).toEqual(expected(3));
  });

  it('sends again what the server stored but could not confirm, and the server keeps one', async () => {
    receiver.script = ['drop', 503, 'drop', 429, 500];
    append(700);
    sender.start();
    await sender.stop(30_000);
    expect(delivered()).toEqual(expected(700));
    expect(sender.state).toMatchObject({ health: 'ok', retries: 5 });
  });

  it('halves a batch the server finds too large', async () => {
    receiver.linesMax = 100;
    append(1_000);
    sender.start();
    await sender.stop(30_000);
    expect(delivered()).toEqual(expected(1_000));
    expect(Math.max(...receiver.sizes)).toBeLessThanOrEqual(100);
  });

  it('reports a refused token and keeps everything for later', async () => {
    receiver.script = Array.from({ length: 50 }, () => 401);
    append(5);
    sender.start();
    await expect.poll(() => sender.state.health, { timeout: 30_000 }).toBe('unauthorized');
    await sender.stop(0);
    expect(delivered()).toEqual([]);
    expect(spool.read(spool.acked, 1_000_000)?.count).toBe(5);
  });

  it('keeps everything while nobody listens, and never rejects', async () => {
    receiver.stop();
    append(5);
    sender.start();
    await expect.poll(() => sender.state.health, { timeout: 30_000 }).toBe('failing');
    await sender.stop(0);
    expect(spool.read(spool.acked, 1_000_000)?.count).toBe(5);
  });
});
