import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { patchSettingsSchema, settingsSchema } from '../../core/wire/settings.ts';
import { eventItem, makeBatch, makeEvent } from '../../prisma/seed/make-event.ts';
import { makeHeartbeat } from '../../prisma/seed/make-heartbeat.ts';
import { heartbeat } from '../agents/heartbeat.ts';
import { ingestBatch } from '../ingest/ingest-batch.ts';
import { retentionDays } from '../jobs/retention.ts';
import { testContext, VIEWER_ACTOR } from '../testing/context.ts';
import { type TestDatabase, testDatabase } from '../testing/postgres.ts';
import { patchSettings, readSettings } from './settings.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());

const viewer = () => testContext(test, { actor: VIEWER_ACTOR });
const admin = () => testContext(test, { actor: { kind: 'user', id: 'a', name: 'Ada', role: 'admin' } });
const read = async () => settingsSchema.parse(await readSettings({ ctx: viewer() }));

it('tells what is kept, from which day and how much', async () => {
  expect(await read()).toEqual({ activity: 'full', eventDays: 30, oldestDay: null, storedBytes: 0 });
  const body = makeBatch({ agentId: randomUUID(), epoch: 1, firstSeq: 1 }, [eventItem(makeEvent())]);
  await ingestBatch({ ctx: testContext(test), input: { body } });
  const { oldestDay, storedBytes } = await read();
  expect(oldestDay).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(storedBytes).toBeGreaterThan(8_000);
});

it('a new activity level reaches agents with their next heartbeat, and stands in the trail', async () => {
  await patchSettings({ ctx: admin(), input: { activity: 'exec' } });
  const beat = () => heartbeat({ ctx: testContext(test), input: makeHeartbeat({ agentId: randomUUID() }) });
  expect((await beat()).activity).toBe('exec');
  expect((await read()).eventDays).toBe(30);
  const line = await test.db.auditTrail.findFirst({ orderBy: { id: 'desc' } });
  expect(line).toMatchObject({
    actor: 'Ada',
    verb: 'settings.update',
    detail: { before: { activity: 'full', eventDays: 30 }, change: { activity: 'exec' } },
  });
});

it('a new retention is in force at once', async () => {
  expect(await retentionDays(viewer())).toBe(30);
  await patchSettings({ ctx: admin(), input: { eventDays: 7 } });
  expect(await retentionDays(viewer())).toBe(7);
  expect(await read()).toMatchObject({ activity: 'exec', eventDays: 7 });
});

it('is for administrators alone, and refuses what is no setting', async () => {
  await expect(patchSettings({ ctx: viewer(), input: { eventDays: 1 } })).rejects.toMatchObject({
    reason: 'role_missing',
  });
  for (const bad of [
    {},
    { eventDays: 0 },
    { eventDays: 1.5 },
    { eventDays: 1e9 },
    { activity: 'all' },
    { x: 1 },
  ])
    expect(patchSettingsSchema.safeParse(bad).success).toBe(false);
});
