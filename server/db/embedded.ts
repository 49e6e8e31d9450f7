import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { type Identity, identityForRoot, packagedBinDir } from './embedded-binaries.ts';

export type Embedded = {
  readonly url: string;
  readonly pid: number;
  /** Fast shutdown: open transactions are rolled back, committed ones are on disk. */
  readonly stop: () => Promise<void>;
};

/** Nothing of the launcher's environment is needed below, and it may hold secrets. */
const ENVIRONMENT = { NODE_ENV: 'production', LC_ALL: 'C' } as const;

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;

/**
 * Settings that differ from PostgreSQL's defaults. Commits stay synchronous: an acknowledged batch is on
 * disk. Trigger and statistics defaults stay; checkpoints are spread so that ingest sees no write bursts.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '60',
  shared_buffers: '256MB',
  effective_cache_size: '1GB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  synchronous_commit: 'on',
  wal_compression: 'on',
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  random_page_cost: '1.1',
  jit: 'off',
  log_min_messages: 'warning',
};

/**
 * Runs a real PostgreSQL on loopback from the npm package's binaries, below `dataDir`.
 * Never as root: with `runAs` absent, root becomes the account `postgres`, else `nobody`. A server that
 * survived its launcher is taken over, so that a crash of the launcher needs no repair by hand.
 * Errors: with the tail of initdb's output or of postgres.log.
 */
export async function startEmbedded(options: {
  readonly dataDir: string;
  /** 0 or absent = any free port. */
  readonly port?: number | undefined;
  readonly runAs?: Identity | undefined;
  /** Directory of `initdb` and `postgres` (PostgreSQL >= 17); absent = the npm package. */
  readonly binDir?: string | undefined;
  /** Added to or replacing the default settings. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}): Promise<Embedded> {
  const dataDir = resolve(options.dataDir);
  const binDir = options.binDir ?? packagedBinDir();
  const identity = options.runAs ?? identityForRoot();
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (identity !== undefined) chownSync(dataDir, identity.uid, identity.gid);

  const password = passwordOf(dataDir, identity);
  await initialise({ dataDir, binDir, identity });

  const running = runningServer(dataDir);
  if (running !== undefined) {
    const url = urlOf(password, running.port);
    await ensureDatabase(url);
    return { url, pid: running.pid, stop: () => stopPid(running.pid) };
  }
  const port = options.port || (await freePort());
  const child = launch({ dataDir, binDir, identity, port, settings: { ...SETTINGS, ...options.settings } });
  const url = urlOf(password, port);
  await ready({ child, url, dataDir });
  await ensureDatabase(url);
  const pid = child.pid ?? 0;
  return { url, pid, stop: () => stopPid(pid) };
}

function passwordOf(dataDir: string, identity: Identity | undefined): string {
  const path = join(dataDir, 'postgres-password');
  if (!existsSync(path)) {
    writeFileSync(path, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
    if (identity !== undefined) chownSync(path, identity.uid, identity.gid);
  }
  return readFileSync(path, 'utf8').trim();
}

/** initdb works in a side directory and is renamed when complete: a crash half way leaves nothing usable. */
async function initialise(input: { dataDir: string; binDir: string; identity: Identity | undefined }) {
  const target = join(input.dataDir, 'pgdata');
  if (existsSync(target)) return;
  const draft = join(input.dataDir, 'pgdata.new');
  rmSync(draft, { recursive: true, force: true });
  const args = ['-D', draft, '--username=eyrie', `--pwfile=${join(input.dataDir, 'postgres-password')}`];
  args.push('--auth=scram-sha-256', '--encoding=UTF8', '--locale-provider=builtin');
  args.push('--builtin-locale=C.UTF-8', '--locale=C', '--no-instructions');
  const child = spawn(join(input.binDir, 'initdb'), args, {
    cwd: input.dataDir,
    env: ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...input.identity,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4_096);
    });
  }
  const code = await new Promise<number | null>((done, fail) => child.on('error', fail).on('close', done));
  if (code !== 0) throw new Error(`initdb failed (exit ${code}): ${output.trim()}`);
  renameSync(draft, target);
}

function runningServer(dataDir: string): { pid: number; port: number } | undefined {
  const path = join(dataDir, 'pgdata', 'postmaster.pid');
  if (!existsSync(path)) return undefined;
  // Lines of postmaster.pid: pid, data directory, start time, port, socket directory, listen address …
  const lines = readFileSync(path, 'utf8').split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!(pid > 0) || !(port > 0) || !isPostgres(pid)) return undefined;
  return { pid, port };
}

/** A stale pid file may name a process that is something else by now. */
function isPostgres(pid: number): boolean {
  if (!isAlive(pid)) return false;
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres';
  } catch {
    return process.platform !== 'linux';
  }
}

function launch(input: {
  dataDir: string;
  binDir: string;
  identity: Identity | undefined;
  port: number;
  settings: Readonly<Record<string, string>>;
}): ChildProcess {
  const log = openSync(join(input.dataDir, 'postgres.log'), 'w', 0o600);
  const args = ['-D', join(input.dataDir, 'pgdata'), '-p', String(input.port)];
  for (const [key, value] of Object.entries(input.settings)) args.push('-c', `${key}=${value}`);
  // Detached: a Ctrl-C in the terminal reaches the launcher alone, which then stops things in order.
  const child = spawn(join(input.binDir, 'postgres'), args, {
    cwd: input.dataDir,
    env: ENVIRONMENT,
    stdio: ['ignore', log, log],
    detached: true,
    ...input.identity,
  });
  closeSync(log);
  return child;
}

async function ready(input: { child: ChildProcess; url: string; dataDir: string }): Promise<void> {
  let ended: string | undefined;
  input.child.on('error', (err) => {
    ended = err.message;
  });
  input.child.on('exit', (code, signal) => {
    ended = `exit ${code ?? signal}`;
  });
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (ended !== undefined) throw new Error(`postgres did not start (${ended}): ${logTail(input.dataDir)}`);
    try {
      await withClient(maintenanceUrl(input.url), (client) => client.query('SELECT 1'));
      // A port taken by somebody else's server would answer too; ours is the one that lives.
      if (ended === undefined) {
        input.child.unref();
        return;
      }
    } catch (err) {
      if (Date.now() > deadline) {
        input.child.kill('SIGINT');
        throw new Error(`postgres was not ready in time: ${logTail(input.dataDir)}`, { cause: err });
      }
      await new Promise((done) => setTimeout(done, 25));
    }
  }
}

async function ensureDatabase(url: string): Promise<void> {
  await withClient(maintenanceUrl(url), async (client) => {
    const found = await client.query("SELECT 1 FROM pg_database WHERE datname = 'eyrie'");
    if (found.rowCount === 0) await client.query('CREATE DATABASE eyrie');
  });
}

async function stopPid(pid: number): Promise<void> {
  if (!isAlive(pid)) return;
  process.kill(pid, 'SIGINT');
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (isAlive(pid)) {
    if (Date.now() > deadline) throw new Error(`postgres (pid ${pid}) did not stop in time`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (err) {
    return (err as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => done(port));
    });
  });
}

function urlOf(password: string, port: number): string {
  return `postgresql://eyrie:${encodeURIComponent(password)}@127.0.0.1:${port}/eyrie`;
}

function maintenanceUrl(url: string): string {
  const parsed = new URL(url);
  parsed.pathname = '/postgres';
  return parsed.href;
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function logTail(dataDir: string): string {
  try {
    return (
      readFileSync(join(dataDir, 'postgres.log'), 'utf8').slice(-2_000).trim() || 'postgres.log is empty'
    );
  } catch {
    return 'no postgres.log';
  }
}
