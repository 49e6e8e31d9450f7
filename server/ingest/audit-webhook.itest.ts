import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mapAuditEvent } from '../../core/events/k8s-audit.ts';
import { recordFields } from '../../core/fields/record.ts';
import { makeAuditObject } from '../../prisma/seed/make-audit-object.ts';
import { eventItem, makeBatch } from '../../prisma/seed/make-event.ts';
import type { Actor } from '../context.ts';
import { testContext } from '../testing/context.ts';
import { type TestDatabase, testDatabase } from '../testing/postgres.ts';
import { auditEventListSchema, auditWebhook } from './audit-webhook.ts';
import { ingestBatch } from './ingest-batch.ts';

const WEBHOOK: Actor = { kind: 'webhook', id: 'token-2', name: 'api-server' };
const RULE = `
- rule: Secret read by person
  desc: a user reads a Secret
  condition: ka.verb = get and ka.target.resource = secrets and ka.user.name = alice
  output: Secret %ka.target.name read by %ka.user.name
  priority: ERROR
  source: k8s_audit
  tags: [mitre_credential_access]
`;

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await test.db.setting.create({
    data: { key: 'rules', value: { files: [{ name: 'own.yaml', text: RULE }] } },
  });
});
afterAll(() => test.drop());

const post = (items: readonly unknown[], actor: Actor = WEBHOOK) =>
  auditWebhook({
    ctx: testContext(test, { actor }),
    input: auditEventListSchema.parse({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items }),
  });
const stored = async (auditId: string) =>
  (await test.pool.query("SELECT * FROM event WHERE raw->>'auditID' = $1", [auditId])).rows;

it('stores audit events, classified, and with the rule that matches', async () => {
  const auditID = randomUUID();
  const reply = await post([
    makeAuditObject({ auditID, at: new Date() }),
    makeAuditObject({ auditID: randomUUID(), at: new Date(), user: { username: 'bob' } }),
  ]);
  expect(reply).toEqual({ accepted: 2, duplicate: 0, skipped: 0, rejected: [] });
  const [row] = await stored(auditID);
  expect(row).toMatchObject({
    source: 'k8s_audit',
    categories: ['secret_read'],
    rule: 'Secret read by person',
    priority: 3,
    output: expect.stringContaining('Secret db read by alice'),
    tags: ['mitre_credential_access'],
    user: 'alice',
    namespace: 'shop',
  });
});

it('changes nothing when the API server sends a post again, also at the same time', async () => {
  const events = [1, 2, 3].map(() => makeAuditObject({ auditID: randomUUID(), at: new Date() }));
  const replies = await Promise.all([1, 2, 3, 4].map(() => post(events)));
  expect(replies.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(3);
  expect(await post(events)).toMatchObject({ accepted: 0, duplicate: 3 });
});

it('stores once what the log file and the webhook both bring', async () => {
  const auditID = randomUUID();
  const object = makeAuditObject({ auditID, at: new Date() });
  const mapped = mapAuditEvent(object);
  if (!mapped.ok) throw new Error(mapped.reason);
  const item = eventItem({ ...mapped.record, fields: recordFields(mapped.event) });
  const body = makeBatch({ agentId: randomUUID(), epoch: 1, firstSeq: 1 }, [item]);
  await Promise.all([post([object]), ingestBatch({ ctx: testContext(test), input: { body } })]);
  expect(await stored(auditID)).toHaveLength(1);
});

it('keeps the good events of a post with bad ones, and says which were bad', async () => {
  const auditID = randomUUID();
  const reply = await post([
    null,
    { kind: 'Event' },
    makeAuditObject({ auditID, at: new Date() }),
    makeAuditObject({ auditID: randomUUID(), at: new Date(Date.now() + 3_600_000) }),
  ]);
  expect(reply.accepted).toBe(1);
  expect(reply.rejected.map(({ index }) => index)).toEqual([0, 1, 3]);
  expect(await stored(auditID)).toHaveLength(1);
});

it('leaves out stages that do not count', async () => {
  const auditID = randomUUID();
  const object = makeAuditObject({
    auditID,
    at: new Date(),
    stage: 'RequestReceived',
    user: { username: 'bob' },
  });
  expect(await post([object])).toMatchObject({ accepted: 0, skipped: 1 });
});

it('counts a session once when another replica took its start', async () => {
  const auditID = randomUUID();
  const exec = {
    auditID,
    at: new Date(),
    verb: 'create',
    requestURI: '/api/v1/namespaces/shop/pods/web/exec?command=sh',
    objectRef: { resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web', apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 101 },
    user: { username: 'bob' },
  };
  await post([makeAuditObject({ ...exec, stage: 'ResponseStarted' })]);
  const end = makeAuditObject({ ...exec, stage: 'ResponseComplete' });
  const replica = {
    ...testContext(test, { actor: WEBHOOK }),
    pool: Object.create(test.pool) as typeof test.pool,
  };
  const input = auditEventListSchema.parse({
    kind: 'EventList',
    apiVersion: 'audit.k8s.io/v1',
    items: [end],
  });
  expect(await auditWebhook({ ctx: replica, input })).toMatchObject({ accepted: 0, skipped: 1 });
  expect(await stored(auditID)).toMatchObject([{ categories: ['exec'] }]);
});

it('refuses an agent token', async () => {
  await expect(post([], { kind: 'agent', id: 'x', name: 'x' })).rejects.toMatchObject({ code: 'forbidden' });
});
