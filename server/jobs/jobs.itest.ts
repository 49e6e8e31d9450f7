import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeHeartbeat } from '../../prisma/seed/make-heartbeat.ts';
import { heartbeat } from '../agents/heartbeat.ts';
import { testContext } from '../testing/context.ts';
import { type TestDatabase, testDatabase } from '../testing/postgres.ts';
import {
  dayOf,
  dropPartitionsBefore,
  ensurePartitions,
  partitionName,
  partitionNames,
} from './partitions.ts';
import { recordSilences } from './silence.ts';
import { withJobLock } from './with-job-lock.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());

const DAY_MS = 24 * 3600 * 1000;
const today = dayOf(Date.now());

describe('partitions', () => {
  it('are created once by six replicas at the same time', async () => {
    const days = [today - 40, today - 39, today, today + 1];
    await Promise.all(Array.from({ length: 6 }, () => ensurePartitions(test.pool, days)));
    expect(await partitionNames(test.pool)).toEqual(days.map(partitionName));
  });

  it('are created while a transaction that wrote events is open', async () => {
    const client = await test.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query('LOCK TABLE event IN ROW EXCLUSIVE MODE');
      await ensurePartitions(test.pool, [today + 2]);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
    expect(await partitionNames(test.pool)).toContain(partitionName(today + 2));
  });

  it('are dropped when they lie wholly before the retention', async () => {
    const dropped = await dropPartitionsBefore(test.pool, (today - 30) * DAY_MS);
    expect(dropped).toEqual([partitionName(today - 40), partitionName(today - 39)]);
    const left = await test.pool.query('SELECT 1 FROM pg_class WHERE relname = $1', [
      partitionName(today - 40),
    ]);
    expect(left.rowCount).toBe(0);
  });
});

describe('a job lock', () => {
  it('lets one replica work and the others skip', async () => {
    let runs = 0;
    let release = () => {};
    const held = new Promise<void>((done) => {
      release = done;
    });
    let begun = () => {};
    const started = new Promise<void>((done) => {
      begun = done;
    });
    const first = withJobLock(test.pool, 1, async () => {
      runs += 1;
      begun();
      await held;
    });
    await started;
    const others = await Promise.all(
      [1, 2].map(() =>
        withJobLock(test.pool, 1, async () => {
          runs += 1;
        }),
      ),
    );
    release();
    expect([await first, ...others, runs]).toEqual([true, false, false, 1]);
  });
});

describe('silence of an agent', () => {
  it('is a gap from its last heartbeat until it returns, opened once', async () => {
    const agentId = randomUUID();
    let now = Date.now();
    const ctx = testContext(test, { now: () => new Date(now), config: { rulesDir: 'rulesets' } });
    const beat = () => heartbeat({ ctx, input: makeHeartbeat({ agentId }) });
    const gaps = async () =>
      (await test.pool.query('SELECT start_at, end_at, open FROM gap WHERE agent_id = $1', [agentId])).rows;
    await beat();
    const seen = new Date(now);
    now += 10_000;
    await recordSilences(test.pool, new Date(now));
    expect(await gaps()).toEqual([]);
    now += 10_000;
    await Promise.all([1, 2, 3].map(() => recordSilences(test.pool, new Date(now))));
    expect(await gaps()).toEqual([{ start_at: seen, end_at: new Date(now), open: true }]);
    now += 60_000;
    await recordSilences(test.pool, new Date(now));
    expect(await gaps()).toEqual([{ start_at: seen, end_at: new Date(now), open: true }]);
    now += 1_000;
    await beat();
    expect(await gaps()).toEqual([{ start_at: seen, end_at: new Date(now), open: false }]);
  });

  it('is recorded on return when no job ran meanwhile', async () => {
    const agentId = randomUUID();
    let now = Date.now();
    const ctx = testContext(test, { now: () => new Date(now) });
    await heartbeat({ ctx, input: makeHeartbeat({ agentId }) });
    now += 120_000;
    await heartbeat({ ctx, input: makeHeartbeat({ agentId }) });
    const found = await test.pool.query('SELECT cause, open FROM gap WHERE agent_id = $1', [agentId]);
    expect(found.rows).toEqual([{ cause: 'agent_down', open: false }]);
  });
});
