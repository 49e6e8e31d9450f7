import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
import { testContext, VIEWER_ACTOR } from '../testing/context.ts';
import { type TestDatabase, testDatabase } from '../testing/postgres.ts';
import { ingestBatch } from './ingest-batch.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());

const header = (agentId: string, firstSeq = 1, epoch = 1000) => ({ agentId, epoch, firstSeq });
const send = (body: Buffer, ctx = testContext(test)) => ingestBatch({ ctx, input: { body } });
async function eventsOf(agentId: string) {
  const found = await test.pool.query('SELECT * FROM event WHERE agent_id = $1 ORDER BY seq', [agentId]);
  return found.rows;
}
async function rollup(agentNamespace: string, metric: string) {
  const found = await test.pool.query<{ n: string | null }>(
    'SELECT sum(count) AS n FROM event_rollup WHERE namespace = $1 AND metric = $2',
    [agentNamespace, metric],
  );
  return Number(found.rows[0]?.n ?? 0);
}

describe('exactly once', () => {
  it('stores a batch and acknowledges its last number', async () => {
    const agent = randomUUID();
    const namespace = `ns-${agent}`;
    const reply = await send(
      makeBatch(header(agent), [
        eventItem(makeEvent({ namespace })),
        eventItem(makeAlert({ namespace })),
        gapItem(makeGap()),
      ]),
    );
    expect(reply).toEqual({ ackedSeq: 3, accepted: 3, duplicate: 0, rejected: [], backoffMs: 0 });
    const rows = await eventsOf(agent);
    expect(rows.map(({ seq, rule }) => [seq, rule])).toEqual([
      ['1', null],
      ['2', 'Terminal shell in container'],
    ]);
    expect(await rollup(namespace, 'event')).toBe(2);
    expect(await rollup(namespace, 'process')).toBe(2);
    const gaps = await test.pool.query('SELECT cause, count FROM gap WHERE agent_id = $1', [agent]);
    expect(gaps.rows).toEqual([{ cause: 'probe_drop', count: '17' }]);
  });

  it('changes nothing when the same batch comes again', async () => {
    const agent = randomUUID();
    const namespace = `ns-${agent}`;
    const body = makeBatch(header(agent), [eventItem(makeEvent({ namespace })), gapItem(makeGap())]);
    await send(body);
    const again = await send(body);
    expect(again).toMatchObject({ ackedSeq: 2, accepted: 0, duplicate: 2 });
    expect(await eventsOf(agent)).toHaveLength(1);
    expect(await rollup(namespace, 'event')).toBe(1);
  });

  it('stores an overlapping batch from the first new number on', async () => {
    const agent = randomUUID();
    const items = [1, 2, 3, 4].map((n) => eventItem(makeEvent({ summary: `event ${n}` })));
    await send(makeBatch(header(agent), items.slice(0, 2)));
    const reply = await send(makeBatch(header(agent, 2), items.slice(1)));
    expect(reply).toMatchObject({ ackedSeq: 4, accepted: 2, duplicate: 1 });
    expect((await eventsOf(agent)).map(({ summary }) => summary)).toEqual([
      'event 1',
      'event 2',
      'event 3',
      'event 4',
    ]);
  });

  it('stores each number once when eight copies arrive together', async () => {
    const agent = randomUUID();
    const namespace = `ns-${agent}`;
    const body = makeBatch(
      header(agent),
      Array.from({ length: 50 }, () => eventItem(makeEvent({ namespace }))),
    );
    const replies = await Promise.all(Array.from({ length: 8 }, () => send(body)));
    expect(replies.map(({ ackedSeq }) => ackedSeq)).toEqual(Array(8).fill(50));
    expect(replies.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(50);
    expect(await eventsOf(agent)).toHaveLength(50);
    expect(await rollup(namespace, 'event')).toBe(50);
  });

  it('remembers an older stream of the agent when a late copy of it comes', async () => {
    const agent = randomUUID();
    const first = makeBatch(header(agent, 1, 100), [eventItem(makeEvent())]);
    await send(first);
    await send(makeBatch(header(agent, 1, 200), [eventItem(makeEvent())]));
    expect(await send(first)).toMatchObject({ ackedSeq: 1, accepted: 0, duplicate: 1 });
    expect(await send(makeBatch(header(agent, 2, 200), [eventItem(makeEvent())]))).toMatchObject({
      ackedSeq: 2,
    });
    expect(await eventsOf(agent)).toHaveLength(3);
  });

  it('records a hole in the numbers as lost, with its size', async () => {
    const agent = randomUUID();
    await send(makeBatch(header(agent, 11), [eventItem(makeEvent())]));
    const gaps = await test.pool.query('SELECT cause, count, detail FROM gap WHERE agent_id = $1', [agent]);
    expect(gaps.rows).toEqual([
      { cause: 'spool_corrupt', count: '10', detail: 'sequence numbers 1 to 10 never came' },
    ]);
  });
});

describe('audit events by several paths', () => {
  it('stores an audit event once, whichever agents bring it, at the same time', async () => {
    const auditId = randomUUID();
    const event = makeAudit({ auditId });
    const bodies = Array.from({ length: 6 }, () => makeBatch(header(randomUUID()), [eventItem(event)]));
    const replies = await Promise.all(bodies.map((body) => send(body)));
    expect(replies.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(1);
    expect(replies.every(({ ackedSeq }) => ackedSeq === 1)).toBe(true);
    const found = await test.pool.query("SELECT 1 FROM event WHERE fields->>'ka.auditid' = $1", [auditId]);
    expect(found.rowCount).toBe(1);
  });

  it('keeps two requests apart whose clients chose one audit id', async () => {
    const [auditId, agent] = [randomUUID(), randomUUID()];
    const first = makeAudit({ auditId });
    const later = makeAudit({ auditId, timeNs: String(BigInt(first.timeNs) + 5_000_000n) });
    const reply = await send(
      makeBatch(header(agent), [eventItem(first), eventItem(later), eventItem(first)]),
    );
    expect(reply).toMatchObject({ accepted: 2, duplicate: 1 });
    expect(await eventsOf(agent)).toHaveLength(2);
  });

  it('counts only what lies beyond what the agent says it dropped itself', async () => {
    const agent = randomUUID();
    const body = (change: object) => makeBatch({ ...header(agent), ...change }, [eventItem(makeEvent())]);
    await send(body({ firstSeq: 11, droppedThrough: 10 }));
    await send(body({ firstSeq: 21, droppedThrough: 15 }));
    const gaps = await test.pool.query('SELECT cause, count FROM gap WHERE agent_id = $1', [agent]);
    expect(gaps.rows).toEqual([{ cause: 'spool_corrupt', count: '5' }]);
  });

  it('keeps the stages of one request apart', async () => {
    const auditId = randomUUID();
    const event = makeAudit({ auditId, stage: 'ResponseStarted' });
    const reply = await send(
      makeBatch(header(randomUUID()), [
        eventItem(event),
        eventItem(makeAudit({ auditId, timeNs: event.timeNs })),
      ]),
    );
    expect(reply.accepted).toBe(2);
  });
});

describe('bad items', () => {
  it('refuses each bad line with its number and reason, and keeps its neighbours', async () => {
    const agent = randomUUID();
    const reply = await send(
      makeBatch(header(agent), [
        eventItem(makeEvent({ summary: 'good 1' })),
        '{"k":"event",',
        eventItem({ ...makeEvent(), priority: 9 }),
        '',
        eventItem(makeEvent({ pid: 2 ** 40 })),
        eventItem(makeEvent({ timeNs: toNs(new Date(Date.now() + 3_600_000)) })),
        eventItem(makeEvent({ timeNs: '0' })),
        eventItem(makeEvent({ summary: 'good 8' })),
      ]),
    );
    expect(reply.rejected.map(({ seq, path }) => [seq, path])).toEqual([
      [2, ''],
      [3, 'priority'],
      [4, ''],
      [5, 'pid'],
      [6, 'timeNs'],
      [7, 'timeNs'],
    ]);
    expect(reply).toMatchObject({ ackedSeq: 8, accepted: 2 });
    expect((await eventsOf(agent)).map(({ summary }) => summary)).toEqual(['good 1', 'good 8']);
    const gaps = await test.pool.query('SELECT cause, count FROM gap WHERE agent_id = $1', [agent]);
    expect(gaps.rows).toEqual([{ cause: 'rejected', count: '6' }]);
  });

  it('refuses a line that nests too deep without harm to the rest', async () => {
    const agent = randomUUID();
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const line = JSON.stringify(eventItem(makeEvent())).replace(/}$/, `,"raw":${deep}}`);
    const reply = await send(makeBatch(header(agent), [line, eventItem(makeEvent())]));
    expect(reply.rejected).toEqual([{ seq: 1, path: '', message: 'nested deeper than 200 levels' }]);
    expect(reply.accepted).toBe(1);
  });

  it('stores hostile strings as they are', async () => {
    const agent = randomUUID();
    const hostile = `'; DROP TABLE event; -- \\. \\N \t \r \n <script>alert(1)</script> {"a"} \u202e 𝔘`;
    const tags = [hostile, '{},"\\', ''];
    const fields = { 'proc.cmdline': hostile, __proto__x: hostile };
    const reply = await send(
      makeBatch(header(agent), [
        eventItem(
          makeAlert({ summary: hostile, object: hostile, rule: 'r\t', tags, fields, raw: { a: hostile } }),
        ),
      ]),
    );
    expect(reply.rejected).toEqual([]);
    const [row] = await eventsOf(agent);
    expect(row).toMatchObject({
      summary: hostile,
      object: hostile,
      rule: 'r\t',
      tags,
      fields,
      raw: { a: hostile },
    });
  });

  it('replaces NUL and half surrogates, which PostgreSQL cannot hold', async () => {
    const agent = randomUUID();
    const event = makeEvent({
      summary: 'a\0b\ud800c',
      fields: { 'proc.name': '\udc00\0' },
      raw: { 'k\0': ['\0'] },
    });
    const reply = await send(makeBatch(header(agent), [eventItem(event)]));
    expect(reply.rejected).toEqual([]);
    const [row] = await eventsOf(agent);
    expect(row).toMatchObject({
      summary: 'a\ufffdb\ufffdc',
      fields: { 'proc.name': '\ufffd\ufffd' },
      raw: { 'k\ufffd': ['\ufffd'] },
    });
  });

  it('takes names too long for an index entry', async () => {
    const agent = randomUUID();
    const wide = (n: number) =>
      Array.from({ length: n }, () => String.fromCodePoint(0x1f300 + Math.floor(Math.random() * 700)))
        .join('')
        .slice(0, n);
    const event = makeAlert({
      rule: wide(256),
      namespace: wide(253),
      pod: wide(253),
      workload: wide(320),
      user: wide(512),
    });
    const reply = await send(makeBatch(header(agent), [eventItem(event)]));
    expect(reply.rejected).toEqual([]);
    expect(await eventsOf(agent)).toHaveLength(1);
  });
});

describe('limits', () => {
  it('refuses a body, a number of items and an actor beyond the limits, storing nothing', async () => {
    const agent = randomUUID();
    await expect(send(Buffer.alloc(8 * 1024 * 1024 + 1, 0x20))).rejects.toMatchObject({ code: 'too_large' });
    const many = makeBatch(header(agent), Array<string>(5_001).fill('{}'));
    await expect(send(many)).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringContaining('5000 items'),
    });
    await expect(send(Buffer.from('x\n'))).rejects.toMatchObject({
      code: 'bad_request',
      reason: 'header_syntax',
    });
    await expect(send(Buffer.from('{"agentId":"x"}\n'))).rejects.toMatchObject({ reason: 'header_invalid' });
    const viewer = testContext(test, { actor: VIEWER_ACTOR });
    await expect(send(makeBatch(header(agent), []), viewer)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await eventsOf(agent)).toEqual([]);
  });

  it('tells senders to come back when too many batches wait, and stores nothing of those', async () => {
    const ctx = testContext(test, { config: { ingestConcurrency: 1 } });
    const pool = { ...ctx, pool: Object.create(ctx.pool) as typeof ctx.pool };
    const bodies = Array.from({ length: 6 }, () => makeBatch(header(randomUUID()), [eventItem(makeEvent())]));
    const results = await Promise.allSettled(bodies.map((body) => send(body, pool)));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused)
      expect(reason).toMatchObject({ code: 'unavailable', reason: 'ingest_busy' });
  });

  it('acknowledges nothing while the database refuses writes', async () => {
    const agent = randomUUID();
    const body = makeBatch(header(agent), [eventItem(makeEvent())]);
    await send(makeBatch(header(agent), []));
    await test.pool.query('ALTER TABLE event_rollup RENAME TO away');
    try {
      await expect(send(body)).rejects.toThrow();
    } finally {
      await test.pool.query('ALTER TABLE away RENAME TO event_rollup');
    }
    expect(await eventsOf(agent)).toEqual([]);
    expect(await send(body)).toMatchObject({ ackedSeq: 1, accepted: 1 });
  });

  it('keeps 5,000 workload names of one batch from blowing up the rollups', async () => {
    const agent = randomUUID();
    const namespace = `many-${agent.slice(0, 8)}`;
    const items = Array.from({ length: 5_000 }, (_, n) =>
      eventItem(makeEvent({ namespace, workload: `Deployment/w-${n}`, fields: {} })),
    );
    expect(await send(makeBatch(header(agent), items))).toMatchObject({ accepted: 5_000 });
    expect(await rollup(namespace, 'event')).toBe(5_000);
    const keys = await test.pool.query('SELECT 1 FROM event_rollup WHERE namespace = $1', [namespace]);
    expect(keys.rowCount).toBeLessThan(5_000);
  });
});

describe('late metadata', () => {
  it('fills stored events of the container and moves their counts', async () => {
    const agent = randomUUID();
    const containerId = randomUUID().replaceAll('-', '');
    const namespace = `late-${agent.slice(0, 8)}`;
    const {
      namespace: _n,
      pod: _p,
      podUid: _u,
      container: _c,
      workload: _w,
      ...bare
    } = makeEvent({ containerId });
    const fill = {
      k: 'fill' as const,
      containerId,
      namespace,
      pod: 'web-1',
      podUid: 'u-1',
      workload: 'Deployment/web',
    };
    await send(makeBatch(header(agent), [eventItem({ ...bare, enrichment: 'failed' })]));
    expect(await rollup(namespace, 'event')).toBe(0);
    await send(makeBatch(header(agent, 2), [fill]));
    const [row] = await eventsOf(agent);
    expect(row).toMatchObject({ namespace, pod: 'web-1', workload: 'Deployment/web', enrichment: 'filled' });
    expect(row.fields).toMatchObject({ 'k8s.ns.name': namespace, 'k8s.pod.name': 'web-1' });
    expect(await rollup(namespace, 'event')).toBe(1);
    expect(await rollup(namespace, 'process')).toBe(1);
  });

  it('adds the name of a container whose pod was known from the start, and counts nothing twice', async () => {
    const agent = randomUUID();
    const containerId = randomUUID().replaceAll('-', '');
    const namespace = `name-${agent.slice(0, 8)}`;
    const { container: _c, image: _i, ...bare } = makeEvent({ containerId, namespace });
    await send(makeBatch(header(agent), [eventItem(bare)]));
    const { pod = '', podUid = '' } = bare;
    const fill = {
      k: 'fill' as const,
      containerId,
      namespace,
      pod,
      podUid,
      container: 'web',
      image: 'web:2',
    };
    await send(makeBatch(header(agent, 2), [fill]));
    const [row] = await eventsOf(agent);
    expect(row).toMatchObject({ namespace, pod, container: 'web', image: 'web:2' });
    expect(row.fields).toMatchObject({
      'container.name': 'web',
      'container.image': 'web:2',
      'container.image.repository': 'web',
      'container.image.tag': '2',
    });
    expect(await rollup(namespace, 'event')).toBe(1);
  });
});
