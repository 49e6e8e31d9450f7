import { createServer, type IncomingMessage, type Server } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { HeartbeatReply } from '../../core/wire/agents.ts';
import { type IngestItem, type IngestReply, ingestHeaderSchema } from '../../core/wire/ingest.ts';

type Item = Extract<IngestItem, { k: 'event' | 'gap' }>;

/** A server that keeps nothing but what it is asked to count, can go away and come back at the same port. */
export class Sink {
  readonly #onItem: (item: Item) => void;
  readonly #ruleset: HeartbeatReply['ruleset'];
  readonly #acked = new Map<number, number>();
  #server: Server | undefined;
  #port = 0;
  heartbeats = 0;

  constructor(options: {
    readonly onItem: (item: Item) => void;
    readonly ruleset: HeartbeatReply['ruleset'];
  }) {
    this.#onItem = options.onItem;
    this.#ruleset = options.ruleset;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async open(): Promise<void> {
    const server = createServer((req, res) => {
      this.#answer(req).then(
        (reply) => res.end(JSON.stringify(reply)),
        () => res.writeHead(500).end(),
      );
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    const address = server.address();
    if (address !== null && typeof address !== 'string') this.#port = address.port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async #answer(req: IncomingMessage): Promise<HeartbeatReply | IngestReply> {
    const parts: Buffer[] = [];
    for await (const part of req) parts.push(part);
    const body = Buffer.concat(parts);
    if (req.url === '/api/v1/agents/heartbeat') return this.#beat(JSON.parse(body.toString()));
    const text = (req.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
    const [head = '', ...lines] = text.trimEnd().split('\n');
    const { epoch, firstSeq } = ingestHeaderSchema.parse(JSON.parse(head));
    const acked = this.#acked.get(epoch) ?? 0;
    // As the real one: what was taken before is taken once.
    for (const [at, line] of lines.entries()) {
      if (firstSeq + at <= acked) continue;
      const item = JSON.parse(line);
      if (item.k !== 'fill') this.#onItem(item);
    }
    const ackedSeq = Math.max(acked, firstSeq + lines.length - 1);
    this.#acked.set(epoch, ackedSeq);
    return { ackedSeq, accepted: lines.length, duplicate: 0, rejected: [], backoffMs: 0 };
  }

  #beat({ epoch, ruleset }: { epoch: number; ruleset: { version: string } }): HeartbeatReply {
    this.heartbeats += 1;
    return {
      serverTime: new Date().toISOString(),
      clusterId: 'default',
      ackedSeq: this.#acked.get(epoch) ?? 0,
      activity: 'off',
      commands: false,
      ...(ruleset.version === this.#ruleset?.version ? {} : { ruleset: this.#ruleset }),
    };
  }
}
