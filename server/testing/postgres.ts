import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { PrismaClient } from '../../prisma/generated/client.ts';
import { openDatabases } from '../db/client.ts';

export const TEST_DATABASE_ENV = 'EYRIE_TEST_DATABASE_URL';
export const TEMPLATE_DATABASE = 'eyrie_template';

export type TestDatabase = {
  readonly url: string;
  readonly pool: pg.Pool;
  readonly db: PrismaClient;
  /** Closes both clients and removes the database. */
  readonly drop: () => Promise<void>;
};

/**
 * A database of its own for one suite, cloned from the migrated template of the run's one PostgreSQL.
 * Errors: when vitest runs without server/testing/global-setup.ts.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const base = process.env[TEST_DATABASE_ENV];
  if (base === undefined) throw new Error(`${TEST_DATABASE_ENV} is not set: global-setup.ts did not run`);
  const name = `test_${randomBytes(8).toString('hex')}`;
  await admin(base, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE_DATABASE}`);
  const url = withDatabase(base, name);
  const { db, pool, close } = openDatabases(url, { max: 8 });
  return {
    url,
    pool,
    db,
    drop: async () => {
      await close();
      await admin(base, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

export function withDatabase(url: string, name: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${name}`;
  return parsed.href;
}

/** Runs one statement outside any transaction; clones of the template take turns, as PostgreSQL demands. */
export async function admin(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: withDatabase(url, 'postgres') });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock(7207)');
    await client.query(sql);
  } finally {
    await client.end();
  }
}
