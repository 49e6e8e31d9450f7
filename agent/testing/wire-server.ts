import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { type Heartbeat, type HeartbeatReply, heartbeatSchema } from '../../core/wire/agents.ts';
import { type IngestItem, ingestHeaderSchema, ingestItemSchema } from '../../core/wire/ingest.ts';
import { LocalServer } from './local-server.ts';

/** Speaks the server's side of the wire, and checks every word of the agent against the contract. */
export class WireServer extends LocalServer {
  readonly items: IngestItem[] = [];
  readonly heartbeats: Heartbeat[] = [];
  ruleset: HeartbeatReply['ruleset'];
  acked = 0;

  protected override answer(req: IncomingMessage, body: Buffer): unknown {
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
