import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../db/embedded.ts';
import { migrate } from '../db/migrate.ts';
import { admin, TEMPLATE_DATABASE, TEST_DATABASE_ENV, withDatabase } from './postgres.ts';

/**
 * vitest globalSetup: one PostgreSQL per run with a migrated template database. An already set
 * EYRIE_TEST_DATABASE_URL is used instead, to run the same tests against another engine.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const given = process.env[TEST_DATABASE_ENV];
  if (given !== undefined) {
    await makeTemplate(given);
    return async () => {};
  }
  const dir = mkdtempSync(join(tmpdir(), 'eyrie-test-'));
  chmodSync(dir, 0o711);
  // Tests prove what is committed, not what survives a power cut: fsync would only cost time.
  const settings = { fsync: 'off', shared_buffers: '64MB', max_connections: '120' };
  const server = await startEmbedded({ dataDir: join(dir, 'data'), settings });
  await makeTemplate(server.url);
  process.env[TEST_DATABASE_ENV] = server.url;
  return async () => {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  };
}

async function makeTemplate(url: string): Promise<void> {
  await admin(url, `DROP DATABASE IF EXISTS ${TEMPLATE_DATABASE} WITH (FORCE)`);
  await admin(url, `CREATE DATABASE ${TEMPLATE_DATABASE}`);
  await migrate(withDatabase(url, TEMPLATE_DATABASE));
}
