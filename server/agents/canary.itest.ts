import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CANARY_RULE, canaryMarker } from '../../core/events/canary.ts';
import { agentListSchema } from '../../core/wire/agents.ts';
import { eventItem, makeAlert, makeBatch, toNs } from '../../prisma/seed/make-event.ts';
import { makeHeartbeat } from '../../prisma/seed/make-heartbeat.ts';
import { readNew } from '../correlate/read-new.ts';
import { ingestBatch } from '../ingest/ingest-batch.ts';
import { readOverview } from '../kpis/overview.ts';
import { testContext, VIEWER_ACTOR } from '../testing/context.ts';
import { type TestDatabase, testDatabase } from '../testing/postgres.ts';
import { heartbeat } from './heartbeat.ts';
import { listAgents } from './list.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());

const HOUR_MS = 3_600_000;
const agentId = randomUUID();
const triggeredMs = Date.now() - 2_000;
const beat = (now = new Date()) =>
  heartbeat({
    ctx: testContext(test, { now: () => now }),
    input: makeHeartbeat({
      agentId,
      now: now.toISOString(),
      canary: { everyMs: HOUR_MS, triggeredAt: new Date(triggeredMs).toISOString() },
    }),
  });

async function look(now = new Date()) {
  const ctx = testContext(test, { actor: VIEWER_ACTOR, now: () => now });
  const { agents, blind } = agentListSchema.parse(await listAgents({ ctx }));
  return { agent: agents[0], blind: blind.filter(({ source }) => source === 'canary') };
}

it('an agent whose first canary is not stored within a minute is a blind spot', async () => {
  await beat();
  expect(await look()).toMatchObject({
    agent: { state: 'healthy', canary: { seenAt: null, isSilent: false } },
    blind: [],
  });
  const later = new Date(triggeredMs + 62_000);
  await beat(later);
  const { agent, blind } = await look(later);
  expect(agent).toMatchObject({ state: 'degraded', canary: { isSilent: true } });
  expect(blind[0]?.why).toContain('None was ever stored');
});

it('a stored canary tells its latency, and is no alert to anybody else', async () => {
  const cmdline = `true ${canaryMarker(triggeredMs, 7)}`;
  const event = makeAlert({
    rule: CANARY_RULE,
    tags: ['canary'],
    timeNs: toNs(new Date(triggeredMs)),
    fields: { 'proc.cmdline': cmdline },
  });
  await ingestBatch({
    ctx: testContext(test),
    input: { body: makeBatch({ agentId, epoch: 1, firstSeq: 1 }, [eventItem(event)]) },
  });
  await beat();
  const { agent, blind } = await look();
  expect([agent?.state, agent?.canary?.isSilent, blind]).toEqual(['healthy', false, []]);
  expect(agent?.canary?.latencyMs).toBeGreaterThanOrEqual(1_900);
  expect(agent?.canary?.latencyMs).toBeLessThan(60_000);
  const stored = await test.db.event.findMany({ select: { rule: true, tags: true, process: true } });
  expect(stored).toEqual([{ rule: null, tags: [], process: event.process ?? null }]);
  const range = {
    from: new Date(Date.now() - HOUR_MS).toISOString(),
    to: new Date(Date.now() + 60_000).toISOString(),
  };
  const ctx = testContext(test, { actor: VIEWER_ACTOR });
  expect((await readOverview({ ctx, input: { ...range, ns: [] } })).topRules).toEqual([]);
  const options = {
    clusterId: 'default',
    since: new Date(0),
    now: new Date(Date.now() + 1_000),
    anyOpen: false,
  };
  expect((await test.db.$transaction((tx) => readNew(tx, options))).events).toEqual([]);
});

it('silence for two intervals is a blind spot again', async () => {
  const later = new Date(triggeredMs + 2 * HOUR_MS + 120_000);
  await beat(later);
  const { agent, blind } = await look(later);
  expect([agent?.state, agent?.canary?.isSilent, blind.length]).toEqual(['degraded', true, 1]);
});
