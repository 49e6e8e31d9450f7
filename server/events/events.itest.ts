import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventRecord } from '../../core/events/event.ts';
import {
  eventDetailSchema,
  eventPageSchema,
  facetsReplySchema,
  histogramSchema,
} from '../../core/wire/events.ts';
import {
  eventItem,
  gapItem,
  makeAlert,
  makeAudit,
  makeBatch,
  makeEvent,
  makeGap,
  toNs,
} from '../../prisma/seed/make-event.ts';
import { ingestBatch } from '../ingest/ingest-batch.ts';
import { AGENT_ACTOR, testContext, VIEWER_ACTOR } from '../testing/context.ts';
import { type TestDatabase, testDatabase } from '../testing/postgres.ts';
import { eventDetail } from './detail.ts';
import { listFacets } from './facets.ts';
import { eventHistogram } from './histogram.ts';
import { listEvents, listEventsSchema } from './list.ts';

let test: TestDatabase;
const BASE = Math.floor((Date.now() - 3_600_000) / 60_000) * 60_000;
const at = (seconds: number) => toNs(new Date(BASE + seconds * 1000));
const iso = (seconds: number) => new Date(BASE + seconds * 1000).toISOString();

async function store(events: readonly EventRecord[]) {
  const ctx = testContext(test, { actor: AGENT_ACTOR });
  const header = { agentId: randomUUID(), epoch: 1, firstSeq: 1 };
  await ingestBatch({ ctx, input: { body: makeBatch(header, events.map(eventItem)) } });
}
const viewer = () => testContext(test, { actor: VIEWER_ACTOR });
const scope = (change: object = {}) => listEventsSchema.parse({ from: iso(0), to: iso(3600), ...change });
const list = (change: object = {}) => listEvents({ ctx: viewer(), input: scope(change) });

const shell = makeAlert({
  timeNs: at(600),
  container: 'web',
  pid: 300,
  fields: {
    'proc.name': 'bash',
    'proc.pid': 300,
    'proc.ppid': 200,
    'proc.cmdline': 'bash -i',
    'proc.aname': ['runc', 'containerd-shim'],
    'proc.acmdline': ['runc init', 'containerd-shim -id x'],
    'proc.apid': ['200', '100'],
  },
});

beforeAll(async () => {
  test = await testDatabase();
  await store([
    ...Array.from({ length: 30 }, (_, n) =>
      makeEvent({ timeNs: at(n * 60 + 1), summary: `nginx started worker ${n}` }),
    ),
    shell,
    makeEvent({
      timeNs: at(605),
      process: 'cat',
      pid: 301,
      summary: 'cat started',
      fields: { 'proc.name': 'cat', 'proc.ppid': 300, 'proc.pid': 301, 'proc.cmdline': 'cat /etc/shadow' },
    }),
    makeEvent({
      timeNs: at(610),
      type: 'connect',
      categories: ['connection'],
      process: 'curl',
      peer: '203.0.113.9',
      object: '203.0.113.9:443',
      summary: 'curl connected to 203.0.113.9:443',
    }),
    makeEvent({
      timeNs: at(612),
      type: 'connect',
      categories: ['connection'],
      process: 'curl',
      peer: '203.0.113.9',
      object: '203.0.113.9:443',
    }),
    makeAudit({ auditId: randomUUID(), timeNs: at(700), namespace: 'bank' }),
    makeAudit({
      auditId: randomUUID(),
      timeNs: at(701),
      namespace: 'bank',
      categories: ['rbac_denial'],
      outcome: 'denied',
      user: 'mallory',
    }),
  ]);
  const ctx = testContext(test);
  const gap = gapItem(makeGap({ startNs: at(100), endNs: at(130) }));
  await ingestBatch({
    ctx,
    input: { body: makeBatch({ agentId: randomUUID(), epoch: 1, firstSeq: 1 }, [gap]) },
  });
});
afterAll(() => test.drop());

describe('list', () => {
  it('pages through everything once, newest first, with the exact total and the gaps', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = eventPageSchema.parse(
        await list({ limit: 7, ...(cursor === undefined ? {} : { cursor }) }),
      );
      expect(page).toMatchObject({ total: 36, totalAtLeast: 36 });
      expect(page.gaps).toMatchObject([{ cause: 'probe_drop', start: iso(100), end: iso(130), count: 17 }]);
      seen.push(...page.rows.map(({ time, id }) => `${time} ${id}`));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(36);
    expect(seen).toEqual([...new Set(seen)].sort().toReversed());
  });

  it.each([
    ['namespace', { ns: ['bank'] }, 2],
    ['category', { facets: { category: ['rbac_denial'] } }, 1],
    ['two categories', { facets: { category: ['rbac_denial', 'secret_read'] } }, 2],
    ['excluded category', { facets: { category: ['!process'] } }, 4],
    ['rule', { facets: { rule: ['Terminal shell in container'] } }, 1],
    ['tactic', { facets: { tactic: ['execution'] } }, 1],
    ['priority by word', { facets: { priority: ['Notice'] } }, 1],
    ['excluded process, absent kept', { facets: { process: ['!nginx'] } }, 6],
    ['filter', { q: 'proc.name=cat' }, 1],
    ['filter over the summary', { q: 'evt.summary contains "worker 1"' }, 11],
    ['filter over the summary with LIKE signs', { q: 'evt.summary contains "work_r%"' }, 0],
    ['filter over the summary, any case', { q: 'evt.summary icontains "WORKER 2"' }, 11],
    ['filter over the summary, negated', { q: 'not evt.summary contains "worker"' }, 6],
    ['filter over a field', { q: 'proc.cmdline contains "/etc/shadow"' }, 1],
    ['filter and facet', { q: 'proc.name in (cat, curl)', facets: { category: ['connection'] } }, 2],
    ['alerts', { facets: { rule: ['*'] } }, 1],
    ['events without rule', { facets: { rule: ['!*'] } }, 35],
    ['half-open range', { from: iso(0), to: iso(61) }, 1],
  ])('selects by %s', async (_, change, expected) => {
    const page = await list(change);
    expect(page.rows).toHaveLength(expected);
    expect(page.total).toBe(expected);
  });

  it('refuses a bad filter with line and column', async () => {
    await expect(list({ q: 'proc.name=a\n b' })).rejects.toMatchObject({
      code: 'bad_request',
      reason: 'filter_syntax',
      faults: [{ path: 'q', line: expect.any(Number), column: expect.any(Number) }],
    });
  });

  it('never runs text of the user as SQL', async () => {
    const q = `proc.name = "x'; DROP TABLE event; --"`;
    expect((await list({ q })).total).toBe(0);
    expect((await list({ facets: { process: ["'; DROP TABLE event; --"] } })).total).toBe(0);
    await expect(list({ facets: { 'x"; --': ['y'] } })).rejects.toMatchObject({ reason: 'scope_invalid' });
    await expect(list({ cursor: 'nonsense' })).rejects.toMatchObject({ reason: 'cursor_invalid' });
  });

  it('refuses an agent token', async () => {
    await expect(listEvents({ ctx: testContext(test), input: scope() })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});

describe('a filter that SQL decides in part', () => {
  const q = 'not getopt(proc.cmdline, "i")[i] exists and proc.cmdline exists';

  it('gives exactly its events, page after page, and says how many were read', async () => {
    const whole = eventPageSchema.parse(await list({ q }));
    expect(whole.rows.map((row) => row.summary)).toContain('cat started');
    expect(whole).toMatchObject({ total: whole.rows.length, nextCursor: null });
    expect(whole.examined).toBeGreaterThan(whole.rows.length);
    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ q, limit: 1, ...(cursor && { cursor }) });
      paged.push(...page.rows.map((row) => row.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(paged).toEqual(whole.rows.map((row) => row.id));
  });

  it('is counted alike by facets and histogram', async () => {
    const { total } = await list({ q });
    const { bins } = await eventHistogram({ ctx: viewer(), input: scope({ q }) });
    expect(bins.flatMap(({ bySource }) => bySource).reduce((sum, n) => sum + n, 0)).toBe(total);
    const { facets } = await listFacets({ ctx: viewer(), input: scope({ q }) });
    const sources = facets.find(({ key }) => key === 'source');
    expect(sources).toMatchObject({ partial: false });
    expect(sources?.values.reduce((sum, { count }) => sum + count, 0)).toBe(total);
  });
});

describe('facets', () => {
  it('counts the values of every facet', async () => {
    const { facets } = facetsReplySchema.parse(await listFacets({ ctx: viewer(), input: scope() }));
    const of = (key: string) => facets.find((facet) => facet.key === key)?.values;
    expect(of('source')).toEqual([
      { value: 'syscall', count: 34 },
      { value: 'k8s_audit', count: 2 },
    ]);
    expect(of('category')).toContainEqual({ value: 'connection', count: 2 });
    expect(of('tactic')).toEqual([{ value: 'execution', count: 1 }]);
    expect(of('priority')).toEqual([
      { value: '6', count: 35 },
      { value: '5', count: 1 },
    ]);
    expect(of('user')).toContainEqual({ value: 'mallory', count: 1 });
  });

  it('counts the same from the minutes and from the events', async () => {
    const of = async (change: object) => (await listFacets({ ctx: viewer(), input: scope(change) })).facets;
    for (const change of [
      {},
      { from: iso(30), to: iso(725) },
      { ns: ['shop'] },
      { facets: { source: ['syscall'] } },
    ]) {
      // A filter that every event satisfies keeps the minutes from answering.
      expect(await of({ ...change, q: 'evt.type exists' })).toEqual(await of(change));
    }
  });

  it('does not let a facet narrow itself', async () => {
    const input = scope({ facets: { namespace: ['bank'] } });
    const { facets } = await listFacets({ ctx: viewer(), input });
    const of = (key: string) => facets.find((facet) => facet.key === key)?.values;
    expect(of('namespace')).toEqual([
      { value: 'shop', count: 34 },
      { value: 'bank', count: 2 },
    ]);
    expect(of('source')).toEqual([{ value: 'k8s_audit', count: 2 }]);
  });
});

describe('histogram', () => {
  const total = (reply: { bins: { bySource: number[] }[] }) =>
    reply.bins.flatMap(({ bySource }) => bySource).reduce((sum, n) => sum + n, 0);

  it.each([
    ['whole minutes', {}, 36],
    ['bounds inside minutes', { from: iso(30), to: iso(725) }, 0],
    ['a facet that minutes keep', { facets: { source: ['k8s_audit'] } }, 2],
    ['a facet that minutes lack', { facets: { process: ['curl'] } }, 2],
    ['a filter', { q: 'proc.name=curl' }, 2],
    ['seconds', { from: iso(600), to: iso(660) }, 0],
  ])('agrees with the list for %s', async (_, change, expected) => {
    const reply = histogramSchema.parse(await eventHistogram({ ctx: viewer(), input: scope(change) }));
    const page = await list({ ...change, limit: 500 });
    expect(total(reply)).toBe(page.total);
    if (expected > 0) expect(page.total).toBe(expected);
    expect(reply.bins.length).toBeLessThanOrEqual(120);
  });
});

describe('detail', () => {
  it('shows the process tree, connections, related events and the incident', async () => {
    const [row] = (await list({ facets: { rule: ['*'] } })).rows;
    if (row === undefined) throw new Error('the alert is not listed');
    const incident = await test.db.incident.create({
      data: {
        clusterId: 'default',
        title: 'Shell in web',
        priority: 5,
        firstEventAt: new Date(BASE),
        lastEventAt: new Date(BASE),
        entries: {
          create: {
            time: new Date(BASE),
            kind: 'event',
            summary: 's',
            lane: 'l',
            dedupeKey: 'k',
            eventId: row.id.split('.')[1] ?? null,
          },
        },
      },
    });
    const detail = eventDetailSchema.parse(
      await eventDetail({ ctx: viewer(), input: { id: row.id, time: row.time } }),
    );
    expect(detail.ancestry.map(({ name, depth, self }) => [name, depth, self])).toEqual([
      ['containerd-shim', 0, false],
      ['runc', 1, false],
      ['bash', 2, true],
      ['cat', 3, false],
    ]);
    expect(detail.network).toMatchObject([
      { direction: 'out', peer: '203.0.113.9', port: 443, process: 'curl', count: 2 },
    ]);
    expect(detail.related.length).toBeGreaterThan(0);
    expect(detail.incident).toEqual({ id: incident.id, title: 'Shell in web' });
    expect(detail.fields['proc.cmdline']).toBe('bash -i');
  });

  it('says not found for an event that is gone', async () => {
    const input = { id: '0.00000000-0000-8000-8000-000000000001', time: iso(0) };
    await expect(eventDetail({ ctx: viewer(), input })).rejects.toMatchObject({ code: 'not_found' });
  });
});
