import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createGunzip } from 'node:zlib';
import { pino } from 'pino';
import { INGEST_BODY_BYTES_MAX } from '../../core/wire/ingest.ts';
import { readConfig } from '../../server/config.ts';
import type { Ctx } from '../../server/context.ts';
import { openDatabases } from '../../server/db/client.ts';
import { toProblem } from '../../server/errors.ts';
import { ingestBatch } from '../../server/ingest/ingest-batch.ts';

/**
 * The ingest verb behind plain HTTP in a process of its own, so that its memory and CPU are its own: what the
 * web framework adds per request is not in the figure. Says its port, and its memory when asked, to the parent.
 */
const config = readConfig();
const { db, pool } = openDatabases(config.databaseUrl, { max: config.poolMax });
const ctx: Ctx = {
  actor: { kind: 'agent', id: 'bench', name: 'bench' },
  requestId: 'bench',
  now: () => new Date(),
  db,
  pool,
  config,
  log: pino({ level: 'silent' }),
};

async function unpack(req: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of req.pipe(createGunzip())) {
    size += part.length;
    if (size > INGEST_BODY_BYTES_MAX) throw new Error('too large');
    parts.push(part);
  }
  return Buffer.concat(parts, size);
}

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  try {
    const reply = await ingestBatch({ ctx, input: { body: await unpack(req) } });
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
  } catch (err) {
    const problem = toProblem(err, 'bench');
    process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
    res.writeHead(problem.status).end(JSON.stringify(problem));
  }
}

const server = createServer((req, res) => void answer(req, res));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
process.on('message', (message) => {
  if (message === 'memory') process.send?.({ residentBytes: process.memoryUsage.rss() });
  else process.exit(0);
});
process.on('disconnect', () => process.exit(0));
