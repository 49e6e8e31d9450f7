import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/postgres.ts';
import { migrate, migrationStatus } from './migrate.ts';

let test: TestDatabase;
let url: string;
let dir: string;
beforeAll(async () => {
  test = await testDatabase();
  // A schema of its own, so that the migrated one does not count.
  await test.pool.query('CREATE SCHEMA own');
  url = `${test.url}?options=-csearch_path%3Down`;
  dir = mkdtempSync(join(tmpdir(), 'eyrie-migrate-'));
  write('0001_one', 'CREATE TABLE one (n int);');
});
afterAll(async () => {
  await test.drop();
  rmSync(dir, { recursive: true, force: true });
});

function write(name: string, sql: string): void {
  mkdirSync(join(dir, name), { recursive: true });
  writeFileSync(join(dir, name, 'migration.sql'), sql);
}
async function tables(): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const found = await client.query("SELECT tablename FROM pg_tables WHERE schemaname = 'own' ORDER BY 1");
    return found.rows.map(({ tablename }) => tablename);
  } finally {
    await client.end();
  }
}

it('applies each migration once, whichever of four processes is first', async () => {
  expect(await migrationStatus(url, dir)).toEqual([{ name: '0001_one', state: 'pending' }]);
  const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(url, dir)));
  expect(applied.flat()).toEqual(['0001_one']);
  expect(await migrationStatus(url, dir)).toEqual([{ name: '0001_one', state: 'applied' }]);
});

it('leaves nothing of a migration that fails, and stops there with the reason until it is repaired', async () => {
  write('0002_two', 'CREATE TABLE two (n int); SELECT 1 / 0;');
  await expect(migrate(url, dir)).rejects.toThrow('migration 0002_two failed: division by zero');
  expect(await tables()).not.toContain('two');
  await expect(migrate(url, dir)).rejects.toThrow(/0002_two failed earlier.*division by zero/);
  expect(await migrationStatus(url, dir)).toContainEqual(
    expect.objectContaining({ name: '0002_two', state: 'failed' }),
  );
});

it('refuses a database that a newer build has migrated', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'eyrie-older-'));
  try {
    await expect(migrate(url, empty)).rejects.toThrow(/does not know; use a newer build/);
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
});
