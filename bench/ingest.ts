import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { ensureServerBuild } from '../cli/lib/build.ts';
import { prepareRuntime, stateDir } from '../cli/lib/runtime.ts';
import { startServer } from '../cli/lib/server-process.ts';
import { Supervisor } from '../cli/lib/supervisor.ts';
import { freePort } from '../e2e/support/product.ts';
import { createToken } from '../server/auth/create-token.ts';
import { openDatabases } from '../server/db/client.ts';
import { startEmbedded } from '../server/db/embedded.ts';
import { migrate } from '../server/db/migrate.ts';
import { dayOf, ensurePartitions } from '../server/jobs/partitions.ts';
import { BATCH_EVENTS, type BenchAgent, type Load, prepareLoad, runAgent } from './lib/ingest-load.ts';

/**
 * Sustained events/s over HTTP into durable storage by one process of the built server, as `eyrie up` starts
 * it, beside a server-side COPY of the same rows from a file into an identical table, in turns. `--scale N`
 * instead sends N events in one go and samples the server's memory.
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
chmodSync(dir, 0o755);
const build = await ensureServerBuild();
const runtime = await prepareRuntime(build, dir);
const supervisor = new Supervisor(join(dir, 'log'));
const postgres = await startEmbedded({
  dataDir: stateDir(dir, 'postgres', runtime.runAs),
  runAs: runtime.runAs,
  binDir: runtime.postgresBin,
});
supervisor.adopt({ name: 'PostgreSQL', pid: postgres.pid, stop: postgres.stop });
await migrate(postgres.url);
const pool = new pg.Pool({ connectionString: postgres.url, max: 4 });
await ensurePartitions(pool, [dayOf(Date.now()) - 1, dayOf(Date.now())]);
const port = await freePort();
const serverPid = await startServer({
  supervisor,
  runtime,
  dataDir: dir,
  host: '127.0.0.1',
  port,
  url: `http://127.0.0.1:${port}`,
  databaseUrl: postgres.url,
  kubeconfig: undefined,
  clusterName: undefined,
});
try {
  const load = prepareLoad(Date.now());
  const agents = await makeAgents(postgres.url, Number(values.agents));
  const result = await (values.scale === undefined
    ? compare(load, agents)
    : scale(load, agents, Number(values.scale)));
  process.stdout.write(`${JSON.stringify(result, null, values.json ? undefined : 2)}\n`);
} finally {
  await pool.end();
  await supervisor.stop();
  rmSync(dir, { recursive: true, force: true });
}

/** Each agent has a token of its own, as on real nodes. */
async function makeAgents(databaseUrl: string, count: number): Promise<readonly BenchAgent[]> {
  const { db, close } = openDatabases(databaseUrl, { max: 1 });
  try {
    const ctx = { actor: { kind: 'system', name: 'Eyrie' }, db, now: () => new Date() } as const;
    const agents: BenchAgent[] = [];
    for (let n = 1; n <= count; n += 1) {
      const { secret } = await createToken({ ctx, input: { name: `bench ${n}`, kind: 'agent' } });
      agents.push({ id: randomUUID(), token: secret });
    }
    return agents;
  } finally {
    await close();
  }
}

async function compare(load: Load, agents: readonly BenchAgent[]) {
  const ours: number[] = [];
  const peer: number[] = [];
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
    serverPeakMiB: memoryMiB().peakMiB,
    bytesPerEvent: load.bytesPerEvent,
  };
}

async function ingestRate(load: Load, agents: readonly BenchAgent[], firstBatch: number, batches: number) {
  const connections = new Agent({ keepAlive: true, maxSockets: agents.length });
  const start = performance.now();
  await Promise.all(agents.map((agent) => runAgent({ port, agent, load, firstBatch, batches, connections })));
  const seconds = (performance.now() - start) / 1000;
  connections.destroy();
  return (agents.length * batches * BATCH_EVENTS) / seconds;
}

/** Writes the newest rows to a file, then times reading them back into an empty table of the same build. */
async function copyRate(total: number): Promise<number> {
  const file = join(stateDir(dir, 'peer', runtime.runAs), 'peer.copy');
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

async function scale(load: Load, agents: readonly BenchAgent[], events: number) {
  const steps = 20;
  const batches = Math.max(1, Math.round(events / steps / agents.length / BATCH_EVENTS));
  const samples: { events: number; residentMiB: number; peakMiB: number; rate: number }[] = [];
  for (let step = 0; step < steps; step += 1) {
    const rate = await ingestRate(load, agents, step * batches, batches);
    const sample = {
      events: (step + 1) * batches * agents.length * BATCH_EVENTS,
      ...memoryMiB(),
      rate: Math.round(rate),
    };
    samples.push(sample);
    say(JSON.stringify(sample));
  }
  const stored = await pool.query<{ n: string }>('SELECT count(*) AS n FROM event');
  return { name: 'ingest-scale', stored: Number(stored.rows[0]?.n), unit: 'events', samples };
}

/** Resident memory of the server process, now and at its highest. Source: proc(5). */
function memoryMiB(): { readonly residentMiB: number; readonly peakMiB: number } {
  const status = readFileSync(`/proc/${serverPid}/status`, 'utf8');
  const mib = (key: string) => Math.round(Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  return { residentMiB: mib('VmRSS'), peakMiB: mib('VmHWM') };
}
