import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEmbedded } from './embedded.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'eyrie-embedded-'));
  chmodSync(dir, 0o711);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

it('runs on loopback, not as root, with a password, and keeps its data over a restart', async () => {
  const dataDir = join(dir, 'data');
  const first = await startEmbedded({ dataDir });
  try {
    const url = new URL(first.url);
    expect(url.hostname).toBe('127.0.0.1');
    expect(statSync(`/proc/${first.pid}`).uid).not.toBe(0);
    expect(statSync(join(dataDir, 'postgres-password')).mode & 0o777).toBe(0o600);
    url.password = 'wrong';
    await expect(query(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    expect(await query(first.url, 'SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
    expect(await query(first.url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS n');
  } finally {
    await first.stop();
  }
  const second = await startEmbedded({ dataDir });
  try {
    expect(await query(second.url, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
    // A launcher that was killed leaves its server; the next one takes it over.
    const third = await startEmbedded({ dataDir });
    expect(third).toMatchObject({ pid: second.pid, url: second.url });
  } finally {
    await second.stop();
  }
  expect(readFileSync(join(dataDir, 'postgres.log'), 'utf8')).not.toContain('PANIC');
});

it('says why it did not start', async () => {
  const dataDir = join(dir, 'bad');
  const settings = { shared_buffers: 'nonsense' };
  await expect(startEmbedded({ dataDir, settings })).rejects.toThrow(/shared_buffers/);
});
