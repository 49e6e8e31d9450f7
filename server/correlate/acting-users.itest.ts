import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { EventRecord } from '../../core/events/event.ts';
import { eventItem, makeAlert, makeAudit, makeBatch, makeEvent, toNs } from '../../prisma/seed/make-event.ts';
import { exportIncident } from '../export/export-incident.ts';
import { getIncident } from '../incidents/get-incident.ts';
import { listIncidents } from '../incidents/list-incidents.ts';
import { ingestBatch } from '../ingest/ingest-batch.ts';
import { testContext, VIEWER_ACTOR } from '../testing/context.ts';
import { type TestDatabase, testDatabase } from '../testing/postgres.ts';
import { correlateOnce } from './correlate.ts';

const CONTAINER = 'c'.repeat(64);
const START = new Date(Date.now() - 60_000);
const COMMAND = ['sh', '-c', 'id; cat /etc/shadow'];

let test: TestDatabase;
let epoch = 1;

const system = () => testContext(test, { actor: { kind: 'system', name: 'correlation' } });
const viewer = () => testContext(test, { actor: VIEWER_ACTOR });
const pass = () => correlateOnce(system(), { overlapMs: 0 });

beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test?.drop());
afterEach(async () => {
  await test.pool.query('TRUNCATE event, incident, incident_entry, incident_member, setting CASCADE');
});

async function store(...events: EventRecord[]): Promise<void> {
  epoch += 1;
  const body = makeBatch({ agentId: randomUUID(), epoch, firstSeq: 1 }, events.map(eventItem));
  const reply = await ingestBatch({ ctx: testContext(test), input: { body } });
  expect(reply.rejected).toEqual([]);
}

function request(
  change: Partial<EventRecord> & { readonly atMs?: number; command?: string[] } = {},
): EventRecord {
  const { atMs = 0, command = COMMAND, ...rest } = change;
  const query = command.map((word) => `command=${encodeURIComponent(word)}`).join('&');
  const auditId = randomUUID();
  const groups = ['developers', 'system:authenticated'];
  return makeAudit({
    auditId,
    stage: 'ResponseStarted',
    categories: ['exec'],
    timeNs: toNs(new Date(START.getTime() + atMs)),
    pod: 'web-1',
    container: 'web',
    user: 'mallory@example.com',
    peer: '198.51.100.7',
    object: 'pods/web-1/exec',
    raw: {
      auditID: auditId,
      requestURI: `/api/v1/namespaces/shop/pods/web-1/exec?${query}&container=web`,
      user: { username: 'mallory@example.com', groups },
    },
    ...rest,
  });
}

/** An event of a tree whose first process started `atMs` after the request. */
function inTree(
  change: Partial<EventRecord> & {
    readonly atMs?: number;
    readonly entryPid?: number;
    cmdline?: string;
  } = {},
  make: typeof makeEvent = makeEvent,
): EventRecord {
  const { atMs = 150, entryPid = 300, cmdline = COMMAND.join(' '), ...rest } = change;
  const time = new Date(START.getTime() + atMs);
  return make({
    pod: 'web-1',
    containerId: CONTAINER,
    timeNs: toNs(time),
    fields: {
      'proc.name': 'cat',
      'container.entry.pid': entryPid,
      'container.entry.ts': toNs(time),
      'container.entry.cmdline': cmdline,
    },
    ...rest,
  });
}

async function usersOf(): Promise<unknown[]> {
  const { rows } = await test.pool.query(
    `SELECT fields->>'k8s.user' AS who, fields->>'k8s.user.confidence' AS sure FROM event
      WHERE source = 'syscall' ORDER BY time, id`,
  );
  return rows.map(({ who, sure }) => (who === null ? null : `${who} ${sure}`));
}

const shell = () => inTree();
const child = () => ({ ...inTree(), timeNs: toNs(new Date(START.getTime() + 5_000)), summary: 'cat ran' });

it.each<[string, () => EventRecord[][]]>([
  ['the request comes first', () => [[request()], [shell()], [child()]]],
  ['the process comes first', () => [[shell(), child()], [request()]]],
  ['both come at once', () => [[request(), shell(), child()]]],
])('names the user behind a process and all it started when %s', async (_, batches) => {
  for (const batch of batches()) {
    await store(...batch);
    await pass();
  }
  expect(await usersOf()).toEqual(['mallory@example.com high', 'mallory@example.com high']);
  const { rows } = await test.pool.query(
    `SELECT p.fields, a.shard || '.' || a.id AS audit FROM event p, event a
      WHERE p.source = 'syscall' AND a.source = 'k8s_audit' LIMIT 1`,
  );
  expect(rows[0].fields).toMatchObject({
    'k8s.user.ip': '198.51.100.7',
    'k8s.user.groups': ['developers', 'system:authenticated'],
    'container.entry.pid': 300,
  });
  expect(rows[0].fields['k8s.user.audit']).toMatch(new RegExp(`^${rows[0].audit}@\\d{4}-.*Z$`));
});

it('names nobody for a probe, another pod, and what the container itself started', async () => {
  await store(
    request(),
    shell(),
    inTree({ atMs: 300, entryPid: 301, cmdline: '/bin/health' }),
    inTree({ atMs: 400, entryPid: 302, pod: 'web-2', containerId: 'd'.repeat(64) }),
    makeEvent({ pod: 'web-1', containerId: CONTAINER, timeNs: toNs(new Date(START.getTime() + 500)) }),
  );
  await pass();
  expect(await usersOf()).toEqual(['mallory@example.com high', null, null, null]);
});

it('takes a guess back when the process of the request turns up', async () => {
  await store(request(), inTree({ atMs: 100, entryPid: 301, cmdline: '/bin/health' }));
  await pass();
  expect(await usersOf()).toEqual(['mallory@example.com low']);
  await store(shell());
  await pass();
  expect(await usersOf()).toEqual([null, 'mallory@example.com high']);
});

it('is less sure once another user turns out to have asked for the same', async () => {
  await store(request(), shell());
  await pass();
  await store(request({ atMs: 1_000, user: 'alice@example.com' }));
  await pass();
  expect(await usersOf()).toEqual(['mallory@example.com medium']);
});

it('names nobody after a refused request', async () => {
  await store(request({ outcome: 'denied' }), shell());
  await pass();
  expect(await usersOf()).toEqual([null]);
});

it.each([['before'], ['after']])('an incident that opened %s the request tells the user', async (order) => {
  const alert = () =>
    inTree({ priority: 2, rule: 'Read sensitive file', summary: 'cat read /etc/shadow' }, makeAlert);
  const batches = order === 'after' ? [[request()], [alert()]] : [[alert()], [request()]];
  for (const batch of batches) {
    await store(...batch);
    await pass();
  }
  const { rows } = await listIncidents({ ctx: viewer(), input: { status: 'open' } });
  const { timeline } = await getIncident({ ctx: viewer(), input: { id: rows[0]?.id ?? 0 } });
  expect(timeline.find(({ rule }) => rule === 'Read sensitive file')?.actingUser).toMatchObject({
    user: 'mallory@example.com',
    confidence: 'high',
  });
  const csv = await exportIncident({ ctx: viewer(), input: { id: rows[0]?.id ?? 0, format: 'csv' } });
  expect(csv.text).toContain('mallory@example.com (confidence high)');
});
