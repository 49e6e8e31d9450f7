import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventRecord } from '../../core/events/event.ts';
import { eventItem, makeAlert, makeBatch, makeEvent, toNs } from '../../prisma/seed/make-event.ts';
import { getCluster } from '../cluster/cluster.ts';
import { correlateOnce } from '../correlate/correlate.ts';
import { listEvents, listEventsSchema } from '../events/list.ts';
import { ingestBatch } from '../ingest/ingest-batch.ts';
import { readKpis } from '../kpis/kpis.ts';
import { testContext, VIEWER_ACTOR } from '../testing/context.ts';
import { type TestDatabase, testDatabase } from '../testing/postgres.ts';
import { TOLD_MAX } from './anomaly.ts';
import { DESTINATIONS_MAX } from './destinations.ts';
import { learnConnections, SETTLE_MS } from './learn.ts';
import { runBaselines } from './run-baselines.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A whole hour, so that no test crosses one by accident. */
const START = Math.floor(Date.now() / HOUR) * HOUR - 4 * DAY;

let test: TestDatabase;
let now = START;
const ctx = () => testContext(test, { now: () => new Date(now) });
const nobody = () => undefined;

beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  now = START;
  await test.pool.query(
    'TRUNCATE event, event_rollup, baseline_workload, baseline_destination, setting, agent, agent_directory CASCADE',
  );
  // Learning begins here; what comes later is held against it.
  await learn();
});

function connect(object: string, change: Partial<EventRecord> = {}): EventRecord {
  return makeEvent({
    timeNs: toNs(new Date(now)),
    type: 'connect',
    categories: ['connection'],
    summary: `nginx connected to ${object}`,
    peer: object.slice(0, object.lastIndexOf(':')),
    object,
    fields: { 'evt.type': 'connect', 'evt.arg.fd': 7, 'proc.name': 'nginx', 'fd.sport': 443 },
    ...change,
  });
}

async function store(events: readonly EventRecord[]): Promise<void> {
  for (let start = 0; start < events.length; start += 5_000) {
    const items = events.slice(start, start + 5_000).map(eventItem);
    const body = makeBatch({ agentId: randomUUID(), epoch: 1, firstSeq: 1 }, items);
    expect(await ingestBatch({ ctx: ctx(), input: { body } })).toMatchObject({ rejected: [] });
  }
}

/** Lets what was stored settle, and learns from all of it. Returns how many anomalies came of it. */
async function learn(): Promise<number> {
  now += SETTLE_MS;
  let anomalies = 0;
  for (;;) {
    const done = await learnConnections(ctx(), nobody);
    anomalies += done.anomalies;
    if (!done.more) return anomalies;
  }
}

/** A day in which the workload connects to its database alone, so that it has a baseline. */
async function grow(): Promise<void> {
  await store([connect('10.0.0.5:5432')]);
  await learn();
  now = START + DAY + HOUR;
}

const anomalies = async () =>
  (
    await test.pool.query(
      `SELECT time, type, summary, namespace, pod, workload, process, pid, peer, object, priority, rule, fields
         FROM event WHERE categories = '{anomalous_connection}' ORDER BY time, id`,
    )
  ).rows;
const countIn = async (table: string) =>
  Number((await test.pool.query(`SELECT count(*) AS n FROM ${table}`)).rows[0].n);

describe('a new destination', () => {
  it('is nothing while a workload is learning', async () => {
    await store([connect('10.0.0.5:5432')]);
    await learn();
    now = START + DAY - 10 * MINUTE;
    await store([connect('203.0.113.7:443')]);
    expect(await learn()).toBe(0);
    expect(await countIn('baseline_destination')).toBe(2);
  });

  it('is one event after a day, however often it is connected to and the job runs', async () => {
    await grow();
    await store([connect('203.0.113.7:443'), connect('203.0.113.7:443'), connect('10.0.0.5:5432')]);
    expect([await learn(), await learn()]).toEqual([1, 0]);
    await store([connect('203.0.113.7:443')]);
    expect(await learn()).toBe(0);
    const [found, ...more] = await anomalies();
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      type: 'new_destination',
      summary: 'shop/Deployment/web connected to 203.0.113.7:443 for the first time in 24 hours',
      namespace: 'shop',
      pod: 'web-7d4b9c-x2k4q',
      workload: 'Deployment/web',
      process: 'nginx',
      pid: 4242,
      peer: '203.0.113.7',
      object: '203.0.113.7:443',
      priority: 5,
      rule: null,
    });
    expect(found.fields).toEqual({
      'evt.type': 'new_destination',
      'proc.name': 'nginx',
      'fd.sport': 443,
      'baseline.destination': '203.0.113.7:443',
      'baseline.is_network': false,
      'baseline.history_hours': 24,
    });
  });

  it('is one event when the process dies before the commit and when two replicas run at once', async () => {
    await grow();
    await store([connect('203.0.113.7:443')]);
    now += SETTLE_MS;
    const dying = new Proxy(test.pool, {
      get: (pool, name) =>
        name === 'connect'
          ? async () => {
              const client = await pool.connect();
              return new Proxy(client, {
                get: (target, member) => {
                  if (member !== 'query') return Reflect.get(target, member);
                  return (...args: Parameters<typeof target.query>) =>
                    (args[0] as unknown) === 'COMMIT'
                      ? Promise.reject(new Error('died'))
                      : target.query(...args);
                },
              });
            }
          : Reflect.get(pool, name),
    });
    await expect(learnConnections({ ...ctx(), pool: dying }, nobody)).rejects.toThrow('died');
    expect(await anomalies()).toEqual([]);
    const runs = await Promise.all([1, 2, 3].map(() => learnConnections(ctx(), nobody)));
    expect(runs.reduce((sum, run) => sum + run.anomalies, 0)).toBe(1);
    expect(await anomalies()).toHaveLength(1);
  });

  it('is none when it came before learning began, and none of another workload', async () => {
    await test.pool.query('TRUNCATE setting');
    await store([connect('10.0.0.5:5432')]);
    now += DAY + HOUR;
    await store([connect('203.0.113.7:443'), connect('203.0.113.8:443', { workload: 'Deployment/young' })]);
    expect(await learn()).toBe(0);
    await store([connect('203.0.113.7:443'), connect('203.0.113.9:443', { workload: 'Deployment/young' })]);
    expect(await learn()).toBe(0);
    expect(await countIn('baseline_destination')).toBe(4);
  });

  it('is the workload behind the address where that is known', async () => {
    await grow();
    await store([connect('10.0.0.6:5432'), connect('10.0.0.7:5432')]);
    now += SETTLE_MS;
    const { anomalies: n } = await learnConnections(ctx(), () => 'shop/StatefulSet/db');
    expect([n, (await anomalies())[0].summary]).toEqual([
      1,
      'shop/Deployment/web connected to shop/StatefulSet/db:5432 for the first time in 24 hours',
    ]);
  });
});

describe('a spike', () => {
  const burst = (n: number) =>
    Array.from({ length: n }, (_, pid) =>
      connect('10.0.0.5:5432', { pid, timeNs: toNs(new Date(now + pid)) }),
    );

  it('is one event when it begins, and again after a minute without', async () => {
    for (let minute = 0; minute < 12; minute += 1) {
      now = START + 10 * MINUTE + minute * MINUTE;
      await store(burst(minute % 2 === 0 ? 2 : 4));
    }
    await learn();
    now = START + DAY + HOUR;
    await store(burst(20));
    expect(await learn()).toBe(0);
    now += 10 * MINUTE;
    const began = now;
    await store(burst(80));
    now += MINUTE;
    await store(burst(60));
    expect([await learn(), await learn()]).toEqual([1, 0]);
    now += 10 * MINUTE;
    await store(burst(50));
    expect(await learn()).toBe(1);
    const [first, ...rest] = await anomalies();
    expect(rest).toHaveLength(1);
    expect(first).toMatchObject({
      type: 'connection_spike',
      time: new Date(began),
      summary: 'shop/Deployment/web had 80 connections in a minute; its median is 4',
      process: 'nginx',
    });
    expect(first.fields).toMatchObject({
      'baseline.connections': 80,
      'baseline.median': 4,
      'baseline.mad': 2,
      'baseline.minutes': 13,
    });
    expect(first.fields['baseline.threshold']).toBeCloseTo(4 + 6 * 1.4826 * 2);
  });

  it('is none of a workload with too few minutes to compare with', async () => {
    await grow();
    await store(burst(500));
    expect(await learn()).toBe(0);
  });
});

describe('a flood of destinations', () => {
  const flood = (count: number) =>
    Array.from({ length: count }, (_, n) =>
      connect(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}:${80 + (n % 7)}`),
    );

  it('is told in part, with one event that says how many more there were', async () => {
    await grow();
    await store(flood(100));
    expect(await learn()).toBe(TOLD_MAX);
    await store([connect('203.0.113.7:443')]);
    expect(await learn()).toBe(0);
    now = START + DAY + 2 * HOUR;
    expect([await learn(), await learn()]).toEqual([1, 0]);
    const more = (await anomalies()).filter(({ type }) => type === 'more_anomalies');
    expect(more).toMatchObject([
      {
        summary: `shop/Deployment/web had ${100 + 1 - TOLD_MAX} more anomalous connections within an hour; only the first 20 are listed`,
        fields: { 'baseline.untold': 81 },
        workload: 'Deployment/web',
      },
    ]);
    await store([connect('203.0.113.8:443')]);
    expect(await learn()).toBe(1);
  });

  it('takes a bounded number of rows', async () => {
    await grow();
    await store(flood(3 * DESTINATIONS_MAX));
    expect(await learn()).toBe(TOLD_MAX);
    await store(Array.from({ length: 2_500 }, (_, n) => connect(`100.${n >> 8}.${n & 255}.1:80`)));
    expect(await learn()).toBe(0);
    expect(await countIn('baseline_destination')).toBe(2 * DESTINATIONS_MAX);
  });
});

describe('the tile', () => {
  it('counts what its link lists, and says how many workloads are learning', async () => {
    await grow();
    await store([
      connect('203.0.113.7:443'),
      connect('203.0.113.8:443'),
      connect('10.0.0.5:5432', { workload: 'Deployment/young', namespace: 'bank' }),
    ]);
    await learn();
    now += MINUTE;
    const viewer = testContext(test, { actor: VIEWER_ACTOR, now: () => new Date(now) });
    const range = { from: new Date(START).toISOString(), to: new Date(now).toISOString() };
    const kpi = async (ns: string[]) =>
      (await readKpis({ ctx: viewer, input: { ...range, ns } })).tiles.find(
        ({ key }) => key === 'anomalous_connections',
      );
    const tile = await kpi([]);
    expect(tile).toMatchObject({ value: 2, priority: 5, learning: { learning: 1, workloads: 2 } });
    expect(await kpi(['bank'])).toMatchObject({ value: 0, learning: { learning: 1, workloads: 1 } });
    expect(tile?.filter).toContain('f.category=anomalous_connection');
    const input = listEventsSchema.parse({ ...range, facets: { category: ['anomalous_connection'] } });
    expect((await listEvents({ ctx: viewer, input })).total).toBe(2);
  });
});

describe('an incident', () => {
  it('takes the anomalies of its pod, and is opened by none', async () => {
    await grow();
    await store([connect('203.0.113.7:443')]);
    await learn();
    const system = testContext(test, {
      actor: { kind: 'system', name: 'correlation' },
      now: () => new Date(now),
    });
    expect(await correlateOnce(system, { overlapMs: MINUTE })).toMatchObject({ opened: 0 });
    await store([makeAlert({ timeNs: toNs(new Date(now)), priority: 3 })]);
    expect(await correlateOnce(system, { overlapMs: MINUTE })).toMatchObject({ opened: 1 });
    await store([connect('203.0.113.8:443')]);
    await learn();
    await correlateOnce(system, { overlapMs: MINUTE });
    const lines = await test.db.incidentEntry.findMany({
      where: { summary: { contains: 'for the first time' } },
      orderBy: { summary: 'asc' },
    });
    expect(lines.map(({ summary }) => summary.split(' ')[3])).toEqual(['203.0.113.7:443', '203.0.113.8:443']);
  });
});

describe('the job', () => {
  it('reads everything that arrived, also when no cluster is configured', async () => {
    await store([connect('10.0.0.5:5432')]);
    now += SETTLE_MS;
    await runBaselines(ctx());
    expect(await countIn('baseline_destination')).toBe(1);
  });

  it('waits for the names of pods, but not for ever', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'eyrie-baselines-'));
    const kubeconfig = join(dir, 'kubeconfig');
    // Port 9 of the loopback: nobody answers.
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:9' } }],
        users: [{ name: 'u', user: {} }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      }),
    );
    const blind = testContext(test, { now: () => new Date(now), config: { kubeconfig } });
    try {
      await store([connect('10.0.0.5:5432')]);
      now += SETTLE_MS;
      await runBaselines(blind);
      expect(await countIn('baseline_destination')).toBe(0);
      now += 15 * MINUTE;
      await runBaselines(blind);
      expect(await countIn('baseline_destination')).toBe(1);
    } finally {
      await getCluster(blind).stop();
      rmSync(dir, { recursive: true });
    }
  });

  it('forgets what was not seen for a month', async () => {
    await grow();
    now = START + 31 * DAY;
    await learn();
    expect([await countIn('baseline_workload'), await countIn('baseline_destination')]).toEqual([0, 0]);
  });
});
