import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startEmbedded } from '../server/db/embedded.ts';
import { migrate } from '../server/db/migrate.ts';
import { dayOf, ensurePartitions } from '../server/jobs/partitions.ts';
import { BATCH_EVENTS, type Load, prepareLoad, runAgent } from './lib/ingest-load.ts';

/**
 * Sustained events/s over HTTP into durable storage by one server process, beside a server-side COPY of the
 * same rows from a file into an identical table, in turns. `--scale N` instead sends N events in one go and
 * samples the server's memory.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    scale: { type: 'string' },
    runs: { type: 'string', default: '5' },
    events: { type: 'string', default: '40000' },
    agents: { type: 'string', default: '4' },
  },
});
const say = (text: string) => process.stderr.write(`${text}\n`);
const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

const dir = mkdtempSync(join(tmpdir(), 'eyrie-bench-'));
chmodSync(dir, 0o777);
const postgres = await startEmbedded({ dataDir: join(dir, 'data') });
await migrate(postgres.url);
const pool = new pg.Pool({ connectionString: postgres.url, max: 4 });
await ensurePartitions(pool, [dayOf(Date.now()) - 1, dayOf(Date.now())]);
const { child, port } = await startServer(postgres.url);
try {
  const load = prepareLoad(Date.now());
  const result = values.scale === undefined ? await compare(load) : await scale(load, Number(values.scale));
  process.stdout.write(`${JSON.stringify(result, null, values.json ? undefined : 2)}\n`);
} finally {
  child.disconnect();
  await pool.end();
  await postgres.stop();
  rmSync(dir, { recursive: true, force: true });
}

async function compare(load: Load) {
  const ours: number[] = [];
  const peer: number[] = [];
  const agents = Array.from({ length: Number(values.agents) }, () => randomUUID());
  const batchesEach = Math.ceil(Number(values.events) / BATCH_EVENTS / agents.length);
  const total = batchesEach * agents.length * BATCH_EVENTS;
  for (let run = 0; run <= Number(values.runs); run += 1) {
    const ourRate = await ingestRate(load, agents, run * batchesEach, batchesEach);
    const peerRate = await copyRate(total);
    // The first turn warms up code, caches and files on both sides.
    if (run === 0) continue;
    ours.push(ourRate);
    peer.push(peerRate);
    say(`run ${run}: ours ${Math.round(ourRate)}/s, COPY ${Math.round(peerRate)}/s`);
  }
  const [oursMedian, peerMedian] = [median(ours), median(peer)];
  return {
    name: 'ingest',
    ours: Math.round(oursMedian),
    peer: Math.round(peerMedian),
    ratio: Number((oursMedian / peerMedian).toFixed(3)),
    unit: 'events/s',
    runs: ours.map((rate, index) => ({ ours: Math.round(rate), peer: Math.round(peer[index] ?? 0) })),
    peerIs: 'COPY FROM file, one statement, same rows, same columns and indexes',
    eventsPerRun: total,
    agents: agents.length,
    bytesPerEvent: load.bytesPerEvent,
  };
}

async function ingestRate(load: Load, agents: readonly string[], firstBatch: number, batches: number) {
  const connections = new Agent({ keepAlive: true, maxSockets: agents.length });
  const start = performance.now();
  await Promise.all(
    agents.map((agentId) => runAgent({ port, agentId, load, firstBatch, batches, connections })),
  );
  const seconds = (performance.now() - start) / 1000;
  connections.destroy();
  return (agents.length * batches * BATCH_EVENTS) / seconds;
}

/** Writes the newest rows to a file, then times reading them back into an empty table of the same build. */
async function copyRate(total: number): Promise<number> {
  const file = join(dir, 'peer.copy');
  rmSync(file, { force: true });
  await pool.query(`COPY (SELECT * FROM event ORDER BY received_at DESC LIMIT ${total}) TO '${file}'`);
  await pool.query('DROP TABLE IF EXISTS event_peer');
  await pool.query('CREATE TABLE event_peer (LIKE event INCLUDING ALL)');
  const start = performance.now();
  const copied = await pool.query(`COPY event_peer FROM '${file}'`);
  const seconds = (performance.now() - start) / 1000;
  if (copied.rowCount !== total) throw new Error(`COPY read ${copied.rowCount} rows, not ${total}`);
  return total / seconds;
}

async function scale(load: Load, events: number) {
  const agents = Array.from({ length: Number(values.agents) }, () => randomUUID());
  const steps = 20;
  const batches = Math.max(1, Math.round(events / steps / agents.length / BATCH_EVENTS));
  const samples: { events: number; residentMiB: number; rate: number }[] = [];
  for (let step = 0; step < steps; step += 1) {
    const rate = await ingestRate(load, agents, step * batches, batches);
    const sample = {
      events: (step + 1) * batches * agents.length * BATCH_EVENTS,
      residentMiB: await residentMiB(),
      rate: Math.round(rate),
    };
    samples.push(sample);
    say(JSON.stringify(sample));
  }
  const stored = await pool.query<{ n: string }>('SELECT count(*) AS n FROM event');
  return { name: 'ingest-scale', stored: Number(stored.rows[0]?.n), unit: 'events', samples };
}

async function residentMiB(): Promise<number> {
  child.send('memory');
  const [message] = (await once(child, 'message')) as [{ residentBytes: number }];
  return Math.round(message.residentBytes / 1024 / 1024);
}

async function startServer(databaseUrl: string): Promise<{ child: ChildProcess; port: number }> {
  const started = fork(join(import.meta.dirname, 'lib', 'ingest-server.ts'), {
    env: { ...process.env, DATABASE_URL: databaseUrl },
  });
  const [message] = (await once(started, 'message')) as [{ port: number }];
  return { child: started, port: message.port };
}
