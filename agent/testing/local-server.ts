import { createServer, type IncomingMessage, type Server } from 'node:http';

/** A server on loopback that answers each request with JSON; undefined is 503. */
export abstract class LocalServer {
  readonly #server: Server = createServer((req, res) => {
    void readBody(req)
      .then((body) => this.answer(req, body))
      .then((reply) => {
        res.statusCode = reply === undefined ? 503 : 200;
        res.end(JSON.stringify(reply ?? {}));
      });
  });

  protected abstract answer(req: IncomingMessage, body: Buffer): unknown;

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
}

async function readBody(req: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of req) parts.push(part);
  return Buffer.concat(parts);
}
