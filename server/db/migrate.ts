import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

export type MigrationStatus = {
  readonly name: string;
  readonly state: 'applied' | 'pending' | 'failed' | 'edited' | 'unknown';
  readonly detail?: string | undefined;
};

/** The advisory lock of `prisma migrate`, so that both kinds of migrator exclude each other. */
const LOCK = 72707369;

/** Prisma's own bookkeeping table: `prisma migrate status` reads what this migrator writes. */
const TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`;

type Known = { name: string; checksum: string; finishedAt: Date | null; logs: string | null };

/**
 * Brings the database to this build's schema, one transaction per file; returns the names it applied.
 * Several processes may call it at once: one works, the others wait.
 * Errors: a migration that failed earlier, or a database that a newer build has migrated.
 */
export async function migrate(url: string, dir = defaultDir()): Promise<string[]> {
  return withLock(url, async (client) => {
    await client.query(TABLE);
    const statuses = compare(readFiles(dir), await readKnown(client));
    for (const { name, state, detail } of statuses) {
      if (state === 'failed') {
        throw new Error(
          `migration ${name} failed earlier; repair the database, then mark it rolled back: ${detail}`,
        );
      }
      if (state === 'unknown') {
        throw new Error(
          `the database has migration ${name}, which this build does not know; use a newer build`,
        );
      }
    }
    const pending = statuses.filter(({ state }) => state === 'pending').map(({ name }) => name);
    for (const name of pending) await apply(client, dir, name);
    return pending;
  });
}

/** Tells what `migrate` would find; changes nothing. */
export function migrationStatus(url: string, dir = defaultDir()): Promise<readonly MigrationStatus[]> {
  return withLock(url, async (client) => compare(readFiles(dir), await readKnown(client)));
}

async function withLock<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'eyrie-migrate' });
  await client.connect();
  try {
    // Closing the connection releases the lock.
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    return await work(client);
  } finally {
    await client.end();
  }
}

async function readKnown(client: pg.Client): Promise<readonly Known[]> {
  const exists = await client.query("SELECT to_regclass('_prisma_migrations') IS NOT NULL AS yes");
  if (exists.rows[0]?.yes !== true) return [];
  const found = await client.query<Known>(
    `SELECT migration_name AS name, checksum, finished_at AS "finishedAt", logs
       FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
  );
  return found.rows;
}

function readFiles(dir: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const file = join(dir, entry.name, 'migration.sql');
    if (entry.isDirectory() && existsSync(file)) files.set(entry.name, sha256(readFileSync(file)));
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function compare(files: ReadonlyMap<string, string>, known: readonly Known[]): readonly MigrationStatus[] {
  const statuses: MigrationStatus[] = [];
  for (const row of known) {
    if (!files.has(row.name)) statuses.push({ name: row.name, state: 'unknown' });
  }
  for (const [name, checksum] of files) {
    const row = known.find((candidate) => candidate.name === name);
    if (row === undefined) statuses.push({ name, state: 'pending' });
    else if (row.finishedAt === null)
      statuses.push({ name, state: 'failed', detail: row.logs ?? 'no reason stored' });
    else if (row.checksum !== checksum) {
      statuses.push({ name, state: 'edited', detail: 'the file was changed after it was applied' });
    } else statuses.push({ name, state: 'applied' });
  }
  return statuses;
}

async function apply(client: pg.Client, dir: string, name: string): Promise<void> {
  const body = readFileSync(join(dir, name, 'migration.sql'));
  const id = randomUUID();
  await client.query('INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)', [
    id,
    sha256(body),
    name,
  ]);
  try {
    // The simple protocol runs the whole file as one implicit transaction.
    await client.query(body.toString('utf8'));
  } catch (err) {
    const reason = err instanceof Error ? err.message : String(err);
    await client.query('UPDATE _prisma_migrations SET logs = $2 WHERE id = $1', [id, reason]);
    throw new Error(`migration ${name} failed: ${reason}`, { cause: err });
  }
  await client.query(
    'UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1 WHERE id = $1',
    [id],
  );
}

function sha256(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

function defaultDir(): string {
  const beside = join(import.meta.dirname ?? '.', '..', '..', 'prisma', 'migrations');
  return existsSync(beside) ? beside : join(process.cwd(), 'prisma', 'migrations');
}
