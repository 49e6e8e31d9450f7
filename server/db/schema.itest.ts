import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayOf, ensurePartitions, partitionName } from '../jobs/partitions.ts';
import { type TestDatabase, testDatabase } from '../testing/postgres.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const BIG = ['agent', 'event', 'event_rollup'];
const today = dayOf(Date.now());

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await ensurePartitions(test.pool, [today]);
});
afterAll(() => test.drop());

async function column<T>(sql: string, params: unknown[] = []): Promise<T[]> {
  const found = await test.pool.query({ text: sql, values: params, rowMode: 'array' });
  return found.rows.map(([value]) => value);
}

describe('what the drift check does not see', () => {
  it('event is partitioned by range of time', async () => {
    expect(await column("SELECT pg_get_partkeydef('event'::regclass)")).toEqual(['RANGE ("time")']);
  });

  it('the partial and BRIN indexes exist, on every partition too', async () => {
    const partial = [
      'event_alert_received_idx',
      'event_alert_time_idx',
      'event_connection_received_idx',
      'event_container_time_idx',
      'event_entry_pod_idx',
      'event_entry_received_idx',
      'event_exec_received_idx',
      'event_kpi_time_idx',
      'event_pod_time_idx',
      'event_process_time_idx',
      'event_rule_time_idx',
      'event_user_time_idx',
    ];
    const found = await column(
      `SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid = 'event'::regclass AND i.indpred IS NOT NULL ORDER BY 1`,
    );
    expect(found).toEqual(partial);
    const methods = await column(
      `SELECT am.amname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam
        WHERE i.indrelid = 'event'::regclass ORDER BY 1`,
    );
    expect(methods.filter((method) => method !== 'btree')).toEqual(['brin', 'gin']);
    const onPartition = await column('SELECT count(*)::int FROM pg_index WHERE indrelid = $1::regclass', [
      partitionName(today),
    ]);
    expect(onPartition).toEqual([methods.length]);
  });

  it('the three big tables have no triggers and no foreign keys, and shard leads their keys', async () => {
    expect(await column('SELECT tgname FROM pg_trigger WHERE tgrelid = ANY($1::regclass[])', [BIG])).toEqual(
      [],
    );
    const foreign = await column(
      "SELECT conname FROM pg_constraint WHERE contype = 'f' AND (conrelid = ANY($1::regclass[]) OR confrelid = ANY($1::regclass[]))",
      [BIG],
    );
    expect(foreign).toEqual([]);
    const first = await column(
      `SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = ANY($1::regclass[]) AND i.indisunique`,
      [BIG],
    );
    expect(first).toEqual(['shard', 'shard', 'shard']);
  });

  it('the audit trail refuses change and removal', async () => {
    await test.pool.query(
      "INSERT INTO audit_trail (time, actor, verb, target, detail, prev_hash, hash) VALUES (now(), 'a', 'v', 't', '{}', '', 'h')",
    );
    for (const sql of [
      "UPDATE audit_trail SET actor = 'b'",
      'DELETE FROM audit_trail',
      'TRUNCATE audit_trail',
    ]) {
      await expect(test.pool.query(sql)).rejects.toThrow('append-only');
    }
  });
});

describe('plans', () => {
  async function plan(sql: string): Promise<string> {
    const found = await test.pool.query({ text: `EXPLAIN ${sql}`, rowMode: 'array' });
    return found.rows.map(([line]) => line).join('\n');
  }

  it('a bounded read touches one day, in the order of the index', async () => {
    await ensurePartitions(test.pool, [today - 1, today + 1]);
    const text = await plan(
      `SELECT id FROM event WHERE cluster_id = 'default' AND time >= current_date AND time < current_date + 1
        ORDER BY time DESC, id DESC LIMIT 100`,
    );
    expect(text).not.toContain('Sort');
  });
});

it('schema.prisma and the migrations say the same', async () => {
  const args = [
    'migrate',
    'diff',
    '--from-migrations',
    'prisma/migrations',
    '--to-schema',
    'prisma/schema.prisma',
  ];
  const done = await promisify(execFile)(
    join(ROOT, 'node_modules', '.bin', 'prisma'),
    [...args, '--exit-code'],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        DATABASE_URL: test.url,
        PRISMA_SCHEMA_ENGINE_BINARY: join(ROOT, 'scripts', 'schema-engine.mjs'),
      },
    },
  );
  expect(done.stdout).toContain('No difference');
});
