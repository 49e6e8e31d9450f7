import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventRecord } from '../../core/events/event.ts';
import { kpisReplySchema, overviewReplySchema } from '../../core/wire/overview.ts';
import { eventItem, makeAlert, makeAudit, makeBatch, toNs } from '../../prisma/seed/make-event.ts';
import { listEvents, listEventsSchema } from '../events/list.ts';
import { ingestBatch } from '../ingest/ingest-batch.ts';
import { testContext, VIEWER_ACTOR } from '../testing/context.ts';
import { type TestDatabase, testDatabase } from '../testing/postgres.ts';
import { readKpis } from './kpis.ts';
import { readOverview } from './overview.ts';

let test: TestDatabase;
const HOUR = 3_600_000;
const BASE = Math.floor(Date.now() / HOUR) * HOUR - 2 * HOUR;
const at = (minutes: number) => toNs(new Date(BASE + minutes * 60_000 + 500));
const iso = (minutes: number) => new Date(BASE + minutes * 60_000).toISOString();
const viewer = () => testContext(test, { actor: VIEWER_ACTOR });
const kpis = async (change: object = {}) =>
  kpisReplySchema.parse(
    await readKpis({ ctx: viewer(), input: { from: iso(0), to: iso(60), ns: [], ...change } }),
  );

async function store(events: readonly EventRecord[]) {
  const body = makeBatch({ agentId: randomUUID(), epoch: 1, firstSeq: 1 }, events.map(eventItem));
  expect(await ingestBatch({ ctx: testContext(test), input: { body } })).toMatchObject({ rejected: [] });
}
const audit = (minutes: number, change: Partial<EventRecord>) =>
  makeAudit({ auditId: randomUUID(), timeNs: at(minutes), ...change });

beforeAll(async () => {
  test = await testDatabase();
  await store([
    ...Array.from({ length: 8 }, (_, n) =>
      audit(10 + n, { categories: ['auth_failure'], outcome: 'denied' }),
    ),
    audit(12, { categories: ['auth_failure'], source: 'node_log' }),
    ...[13, 14].map((minutes) =>
      audit(minutes, { categories: ['resource_exhaustion'], source: 'resources' }),
    ),
    ...Array.from({ length: 3 }, () => audit(-20, { categories: ['auth_failure'] })),
    audit(20, { categories: ['exec'] }),
    audit(21, { categories: ['port_forward'] }),
    audit(22, { categories: ['secret_read'], namespace: 'bank', rule: 'Secret read', priority: 3 }),
    ...Array.from({ length: 10 }, (_, n) => makeAlert({ timeNs: at(30 + n) })),
    makeAlert({ timeNs: at(31), rule: 'Crypto miner', priority: 2, tags: ['mitre_impact'] }),
    // Two days of quiet history, so that there is a baseline.
    ...Array.from({ length: 48 }, (_, n) => audit(-60 * n - 180, { categories: ['rbac_denial'] })),
  ]);
});
afterAll(() => test.drop());

describe('tiles', () => {
  it('count each definition, the period before and the rate', async () => {
    const { tiles } = await kpis();
    const values = Object.fromEntries(tiles.map(({ key, value }) => [key, value]));
    expect(values).toMatchObject({
      auth_failures: 8,
      node_auth_failures: 1,
      resource_exhaustion: 2,
      rbac_denials: 0,
      rule_hits: 12,
      secret_reads: 1,
      exec_sessions: 2,
    });
    const auth = tiles.find(({ key }) => key === 'auth_failures');
    expect(auth).toMatchObject({ previous: 3, rate: 8 / 11 });
    expect(auth?.series.reduce((sum, n) => sum + n, 0)).toBe(8);
    expect(tiles.find(({ key }) => key === 'rule_hits')?.priority).toBe(2);
  });

  it('link to a list of exactly the counted events', async () => {
    for (const { filter, value } of (await kpis()).tiles) {
      const url = new URL(filter, 'http://localhost');
      const facets: Record<string, string[]> = {};
      for (const key of url.searchParams.keys()) {
        if (key.startsWith('f.')) facets[key.slice(2)] = url.searchParams.getAll(key);
      }
      const { from, to } = Object.fromEntries(url.searchParams);
      const page = await listEvents({ ctx: viewer(), input: listEventsSchema.parse({ from, to, facets }) });
      expect([filter, page.total]).toEqual([filter, value]);
    }
  });

  it('count one namespace when asked', async () => {
    const { tiles } = await kpis({ ns: ['bank'] });
    expect(tiles.find(({ key }) => key === 'secret_reads')?.value).toBe(1);
    expect(tiles.find(({ key }) => key === 'auth_failures')?.value).toBe(0);
  });

  it('flag what is above the baseline, and nothing that is not', async () => {
    const { tiles } = await kpis();
    const flags = Object.fromEntries(tiles.map(({ key, aboveNormal }) => [key, aboveNormal]));
    expect(flags).toMatchObject({ rbac_denials: false, secret_reads: false });
    expect(tiles.every(({ baseline }) => baseline !== null)).toBe(true);
    await store(Array.from({ length: 20 }, () => audit(40, { categories: ['rbac_denial'] })));
    const after = (await kpis()).tiles.find(({ key }) => key === 'rbac_denials');
    expect(after).toMatchObject({ value: 20, aboveNormal: true });
  });

  it('have no baseline with less than a day of history', async () => {
    const { tiles } = await kpis({ from: iso(-60 * 46), to: iso(-60 * 45) });
    expect(tiles.every(({ baseline }) => baseline === null)).toBe(true);
  });

  it('refuse an empty range and an agent token', async () => {
    await expect(kpis({ to: iso(0) })).rejects.toMatchObject({ reason: 'scope_invalid' });
    const input = { from: iso(0), to: iso(1), ns: [] };
    await expect(readKpis({ ctx: testContext(test), input })).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('panels', () => {
  it('rank rules, tactics and workloads', async () => {
    await test.db.incident.create({
      data: {
        clusterId: 'default',
        title: 'Miner',
        priority: 2,
        firstEventAt: new Date(),
        lastEventAt: new Date(),
        entities: [{ kind: 'workload', name: 'shop/Deployment/web' }],
      },
    });
    const reply = overviewReplySchema.parse(
      await readOverview({ ctx: viewer(), input: { from: iso(0), to: iso(60), ns: [] } }),
    );
    expect(reply.topRules.map(({ rule, count, priority }) => [rule, count, priority])).toEqual([
      ['Terminal shell in container', 10, 5],
      ['Crypto miner', 1, 2],
      ['Secret read', 1, 3],
    ]);
    expect(reply.tactics).toEqual([
      { tactic: 'execution', count: 10, priority: 5 },
      { tactic: 'impact', count: 1, priority: 2 },
    ]);
    expect(reply.workloads).toMatchObject([
      { namespace: 'shop', workload: 'Deployment/web', priority: 2, incidentId: 1 },
    ]);
    expect(reply.workloads[0]?.reason).toBe('Crypto miner (Critical) once, and 1 other rule');
  });
});
