import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EventRecord } from '../../core/events/event.ts';
import { eventItem, makeAlert, makeAudit, makeBatch, makeEvent, toNs } from '../../prisma/seed/make-event.ts';
import { exportIncident } from '../export/export-incident.ts';
import { addNote } from '../incidents/add-note.ts';
import { createIncident } from '../incidents/create-incident.ts';
import { getIncident } from '../incidents/get-incident.ts';
import { listIncidents } from '../incidents/list-incidents.ts';
import { patchIncident } from '../incidents/patch-incident.ts';
import { ingestBatch } from '../ingest/ingest-batch.ts';
import { testContext, VIEWER_ACTOR } from '../testing/context.ts';
import { type TestDatabase, testDatabase } from '../testing/postgres.ts';
import { correlateOnce } from './correlate.ts';

const RESPONDER = { kind: 'user', id: 'user-2', name: 'Rosa', role: 'responder' } as const;

let test: TestDatabase;
let epoch = 1;
const as = (actor: Parameters<typeof testContext>[1] & object) => testContext(test, actor);
const responder = () => as({ actor: RESPONDER });
const viewer = () => as({ actor: VIEWER_ACTOR });
const system = () => as({ actor: { kind: 'system', name: 'correlation' } });
const pass = () => correlateOnce(system(), { overlapMs: 60_000 });
const lastAudit = () => test.db.auditTrail.findFirst({ orderBy: { id: 'desc' } });
const openIncidents = async () => (await listIncidents({ ctx: viewer(), input: { status: 'open' } })).rows;

async function store(...events: EventRecord[]): Promise<void> {
  epoch += 1;
  const header = { agentId: randomUUID(), epoch, firstSeq: 1 };
  const body = makeBatch(header, events.map(eventItem));
  const reply = await ingestBatch({ ctx: testContext(test), input: { body } });
  expect(reply.rejected).toEqual([]);
}

const minutesAgo = (minutes: number) => toNs(new Date(Date.now() - minutes * 60_000));
const inPod = (pod: string, change: Partial<EventRecord> = {}): Partial<EventRecord> => ({
  namespace: 'payments',
  pod,
  workload: `Deployment/${pod.split('-')[0]}`,
  serviceAccount: 'checkout',
  ...change,
});

beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test?.drop());
afterEach(async () => {
  await test.pool.query('TRUNCATE event, incident, incident_entry, incident_member, setting CASCADE');
});

describe('one attack', () => {
  const pod = 'checkout-7d9f-x2k4q';
  const attack = () => [
    makeAudit({
      auditId: randomUUID(),
      type: 'create',
      categories: ['exec'],
      timeNs: minutesAgo(5),
      namespace: 'payments',
      pod,
      user: 'mallory@example.com',
      object: `pods/${pod}/exec`,
      summary: `mallory@example.com ran kubectl exec in ${pod}`,
    }),
    makeAlert(inPod(pod, { timeNs: minutesAgo(4.9), priority: 4 })),
    makeAlert(
      inPod(pod, {
        timeNs: minutesAgo(4),
        priority: 2,
        rule: 'Read sensitive file',
        process: 'cat',
        summary: 'cat read /etc/shadow',
        object: '/etc/shadow',
      }),
    ),
    makeAlert(
      inPod(pod, {
        timeNs: minutesAgo(3),
        rule: 'Unexpected outbound connection',
        process: 'nc',
        priority: 5,
        summary: 'nc connected to 203.0.113.9:4444',
        peer: '203.0.113.9',
      }),
    ),
    makeAudit({
      auditId: randomUUID(),
      categories: ['rbac_denial'],
      outcome: 'denied',
      timeNs: minutesAgo(2),
      type: 'list',
      user: 'mallory@example.com',
      object: 'secrets',
      summary: 'mallory@example.com tried to list secrets. Denied',
    }),
    makeAudit({
      auditId: randomUUID(),
      categories: ['rbac_denial'],
      outcome: 'denied',
      timeNs: minutesAgo(1),
      type: 'list',
      user: 'system:serviceaccount:payments:checkout',
      object: 'pods',
      summary: 'Service account checkout tried to list pods. Denied',
    }),
  ];

  it('by a user through kubectl exec, in the pod and against the API is one incident', async () => {
    await store(...attack());
    expect(await pass()).toMatchObject({ ran: true, opened: 1, joined: 6 });
    const [incident, ...others] = await openIncidents();
    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      title: 'cat read /etc/shadow in checkout after kubectl exec',
      priority: 2,
      eventCount: 6,
      status: 'open',
      phase: 'triage',
    });
    expect(incident?.summary).toContain('mallory@example.com ran kubectl exec');
    const kinds = new Set(incident?.entities.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['user', 'pod', 'workload', 'serviceaccount', 'node', 'ip']));
    expect(await lastAudit()).toMatchObject({ verb: 'incident.open', actor: 'Eyrie' });
  });

  it('is the same incident when its events arrive one by one and late', async () => {
    const [exec, shell, read, connection, ...audit] = attack();
    for (const event of [shell, read, connection, exec, ...audit]) {
      if (event !== undefined) await store(event);
      await pass();
    }
    const [incident, ...others] = await openIncidents();
    expect(others).toEqual([]);
    expect(incident?.eventCount).toBe(6);
  });

  it('gains nothing when the same events are read again', async () => {
    await store(...attack());
    await pass();
    expect(await pass()).toMatchObject({ opened: 0, joined: 0 });
    expect((await openIncidents())[0]?.eventCount).toBe(6);
  });

  it('has one time order with lanes, foldable repeats and the way it was opened', async () => {
    await store(
      ...attack(),
      ...Array.from({ length: 20 }, (_, i) =>
        makeAlert(inPod(pod, { timeNs: minutesAgo(0.5 - i / 100), rule: 'Noisy' })),
      ),
    );
    await pass();
    const [incident] = await openIncidents();
    const detail = await getIncident({ ctx: viewer(), input: { id: incident?.id ?? 0 } });
    const times = detail.timeline.map(({ time }) => time);
    expect(times).toEqual([...times].sort());
    expect(detail.timeline.find(({ rule }) => rule === 'Noisy')?.count).toBe(20);
    expect(new Set(detail.timeline.map(({ lane }) => lane))).toEqual(
      new Set([
        `pod:payments/${pod}`,
        'user:mallory@example.com',
        'serviceaccount:payments/checkout',
        'response',
      ]),
    );
    expect(detail.phaseHistory).toMatchObject([{ phase: 'triage', by: 'Eyrie' }]);
  });
});

describe('separate matters', () => {
  it('stay separate: another pod on the same node, another namespace, a later day', async () => {
    await store(
      makeAlert(inPod('checkout-1-aaaaa', { priority: 3 })),
      makeAlert({ ...inPod('cart-1-bbbbb', { priority: 3 }), namespace: 'shop' }),
      makeAlert(inPod('checkout-1-aaaaa', { priority: 3, timeNs: minutesAgo(120) })),
    );
    expect(await pass()).toMatchObject({ opened: 3 });
  });

  it('open nothing below Warning and nothing without a rule', async () => {
    await store(
      makeAlert(inPod('quiet-1-aaaaa', { priority: 5 })),
      makeEvent(inPod('quiet-1-aaaaa')),
      makeAudit({ auditId: randomUUID() }),
    );
    expect(await pass()).toMatchObject({ opened: 0, joined: 0 });
  });

  it('open again after an incident was closed', async () => {
    await store(makeAlert(inPod('web-1-aaaaa', { priority: 3 })));
    await pass();
    const [incident] = await openIncidents();
    await patchIncident({ ctx: responder(), input: { id: incident?.id ?? 0, status: 'closed' } });
    await store(makeAlert(inPod('web-1-aaaaa', { priority: 3 })));
    expect(await pass()).toMatchObject({ opened: 1 });
  });
});

describe('replicas', () => {
  it('run one pass at a time and open an incident once', async () => {
    await store(makeAlert(inPod('web-1-aaaaa', { priority: 3 })));
    const results = await Promise.all([pass(), pass(), pass()]);
    expect(results.filter(({ opened }) => opened === 1)).toHaveLength(1);
    expect(await openIncidents()).toHaveLength(1);
  });
});

describe('a flood', () => {
  it('of 5,000 alerts over 50 pods is read whole, page by page', async () => {
    const events = Array.from({ length: 5_000 }, (_, i) =>
      makeAlert(inPod(`w${i % 50}-1-aaaaa`, { priority: 3, timeNs: minutesAgo(5 - i / 5_000) })),
    );
    await store(...events);
    let more = true;
    while (more) ({ more } = await correlateOnce(system(), { overlapMs: 0 }));
    const total = (await test.db.incident.aggregate({ _sum: { eventCount: true }, _count: true }))._sum
      .eventCount;
    expect(total).toBe(5_000);
  }, 120_000);
});

describe('by hand', () => {
  async function opened(): Promise<number> {
    await store(makeAlert(inPod('web-1-aaaaa', { priority: 3 })));
    await pass();
    return (await openIncidents())[0]?.id ?? 0;
  }

  it('an incident comes from chosen events under the title given, and is recorded', async () => {
    await store(makeEvent(inPod('odd-1-aaaaa')), makeEvent(inPod('odd-1-aaaaa')));
    const rows = await test.db.event.findMany();
    const events = rows.map(({ shard, id, time }) => ({ id: `${shard}.${id}`, time: time.toISOString() }));
    const input = { title: 'Odd processes', priority: 3, events };
    const row = await createIncident({ ctx: responder(), input });
    expect(row).toMatchObject({ title: 'Odd processes', priority: 3, owner: 'Rosa', eventCount: 2 });
    expect(await lastAudit()).toMatchObject({
      verb: 'incident.create',
      target: `incident:${row.id}`,
      actor: 'Rosa',
    });
    await expect(createIncident({ ctx: viewer(), input })).rejects.toMatchObject({ code: 'forbidden' });
    const missing = [{ id: `0.${randomUUID()}`, time: new Date().toISOString() }];
    await expect(
      createIncident({ ctx: responder(), input: { ...input, events: missing } }),
    ).rejects.toMatchObject({
      reason: 'events_missing',
    });
  });

  it('keeps a title and priority that a person set when more events join', async () => {
    const id = await opened();
    await patchIncident({ ctx: responder(), input: { id, title: 'Known pentest', priority: 6 } });
    await store(makeAlert(inPod('web-1-aaaaa', { priority: 0, rule: 'Worse' })));
    await pass();
    expect((await openIncidents())[0]).toMatchObject({ title: 'Known pentest', priority: 6, eventCount: 2 });
  });

  it('each change is one line and one audit row; a viewer changes nothing', async () => {
    const id = await opened();
    const before = await test.db.auditTrail.count();
    for (const change of [
      { phase: 'contain' as const },
      { owner: 'Rosa' },
      { checklist: { key: 'contain.isolate', done: true } },
    ]) {
      await expect(patchIncident({ ctx: viewer(), input: { id, ...change } })).rejects.toMatchObject({
        code: 'forbidden',
      });
      await patchIncident({ ctx: responder(), input: { id, ...change } });
    }
    expect(await test.db.auditTrail.count()).toBe(before + 3);
    const detail = await getIncident({ ctx: viewer(), input: { id } });
    expect(detail.incident).toMatchObject({ phase: 'contain', owner: 'Rosa' });
    expect(detail.checklist.find(({ key }) => key === 'contain.isolate')).toMatchObject({
      done: true,
      doneBy: 'Rosa',
    });
    expect(detail.timeline.filter(({ actor }) => actor === 'Rosa').map(({ summary }) => summary)).toEqual([
      'moved from Triage to Contain',
      'made Rosa the owner',
      'ticked “Isolate the pod”',
    ]);
    expect(detail.phaseHistory.map(({ phase }) => phase)).toEqual(['triage', 'contain']);
  });

  it('of two responders who move the phase at once one wins and the other is told', async () => {
    const id = await opened();
    const both = await Promise.allSettled(
      (['contain', 'collect'] as const).map((phase) =>
        patchIncident({ ctx: responder(), input: { id, phase } }),
      ),
    );
    const lost = both.filter((result) => result.status === 'rejected');
    // Run one after the other both may win; never may both win from the same state.
    for (const result of lost) expect(result.reason).toMatchObject({ reason: 'incident_changed' });
    const detail = await getIncident({ ctx: viewer(), input: { id } });
    expect(detail.phaseHistory).toHaveLength(3 - lost.length);
  });

  it('notes are lines; a viewer writes none', async () => {
    const id = await opened();
    await expect(addNote({ ctx: viewer(), input: { id, text: 'x' } })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await addNote({ ctx: responder(), input: { id, text: '=cmd() | <b>' } });
    expect(await lastAudit()).toMatchObject({ verb: 'incident.note' });
    const detail = await getIncident({ ctx: viewer(), input: { id } });
    expect(detail.timeline.at(-1)).toMatchObject({ kind: 'note', actor: 'Rosa', summary: '=cmd() | <b>' });
  });

  it('every export holds the lines on screen, disarmed, and is recorded', async () => {
    const id = await opened();
    await addNote({ ctx: responder(), input: { id, text: '=cmd() | <b>' } });
    const { timeline } = await getIncident({ ctx: viewer(), input: { id } });
    const [json, csv, md] = await Promise.all(
      (['json', 'csv', 'md'] as const).map((format) =>
        exportIncident({ ctx: viewer(), input: { id, format } }),
      ),
    );
    expect(JSON.parse(json?.text ?? '').timeline).toEqual(timeline);
    expect(csv?.text.trim().split('\r\n')).toHaveLength(timeline.length + 1);
    expect(csv?.text).toContain(`'=cmd() | <b>`);
    expect(md?.text).toContain('=cmd\\(\\) \\| &lt;b&gt;');
    expect(md?.text.split('\n').filter((line) => line.startsWith('| 20'))).toHaveLength(timeline.length);
    expect(await lastAudit()).toMatchObject({ verb: 'incident.export', actor: 'Vera' });
  });
});
