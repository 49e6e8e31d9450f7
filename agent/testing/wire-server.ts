import { createServer, type IncomingMessage, type Server } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { type Heartbeat, type HeartbeatReply, heartbeatSchema } from '../../core/wire/agents.ts';
import { type IngestItem, ingestHeaderSchema, ingestItemSchema } from '../../core/wire/ingest.ts';

/** Speaks the server's side of the wire, and checks every word of the agent against the contract. */
export class WireServer {
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
