import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventItem, makeBatch, makeEvent, toNs } from '../../prisma/seed/make-event.ts';
import { ingestBatch } from '../ingest/ingest-batch.ts';
import { testContext } from '../testing/context.ts';
import { type TestDatabase, testDatabase } from '../testing/postgres.ts';
import { readTraffic } from './traffic.ts';
import { MINUTE_MS } from './verdict.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test?.drop());

const applied = new Date(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 5 * MINUTE_MS + 10_000);
const at = (minutes: number) => toNs(new Date(applied.getTime() + minutes * MINUTE_MS));

async function store(
  pod: string,
  ...events: { minutes: number; type: string; res?: string; peer?: string }[]
): Promise<void> {
  const items = events.map(({ minutes, type, res = 'SUCCESS', peer = '10.0.0.9' }) =>
    eventItem(
      makeEvent({
        pod,
        timeNs: at(minutes),
        type,
        categories: ['connection'],
        peer,
        fields: { 'evt.res': res },
      }),
    ),
  );
  const body = makeBatch({ agentId: randomUUID(), epoch: 1, firstSeq: 1 }, items);
  await ingestBatch({ ctx: testContext(test), input: { body } });
}
const read = (name: string) => readTraffic(testContext(test), { namespace: 'shop', name }, applied);

describe('readTraffic', () => {
  it('counts a connection as steady when it came about in each of three minutes before', async () => {
    await store('steady', ...[-3, -2, -1].map((minutes) => ({ minutes, type: 'accept4' })), {
      minutes: -1,
      type: 'accept4',
      peer: '10.0.0.7',
    });
    expect(await read('steady')).toEqual({ steady: 1, establishedAfter: 0, wholeMinute: true });
  });

  it('takes no listen, no loopback and no connect that was only in progress for a connection', async () => {
    const all = [-3, -2, -1, 1].flatMap((minutes) => [
      { minutes, type: 'listen' },
      { minutes, type: 'connect', res: 'EINPROGRESS' },
      { minutes, type: 'accept4', peer: '127.0.0.1' },
    ]);
    await store('noise', ...all);
    expect(await read('noise')).toEqual({ steady: 0, establishedAfter: 0, wholeMinute: true });
  });

  it('counts what came about after the policy settled, not while it did', async () => {
    await store('open', { minutes: 1 / 60, type: 'accept4' }, { minutes: 1, type: 'connect' });
    expect(await read('open')).toMatchObject({ establishedAfter: 1 });
  });

  it('takes no connection from the node itself as one that the policy let through', async () => {
    await store(
      'probed',
      { minutes: -1, type: 'accept4' },
      { minutes: 1, type: 'accept4', peer: '10.244.0.1' },
    );
    const input = { namespace: 'shop', name: 'probed' };
    const all = await readTraffic(testContext(test), input, applied);
    const others = await readTraffic(testContext(test), input, applied, new Set(['10.244.0.1']));
    expect([all.establishedAfter, others.establishedAfter]).toEqual([1, 0]);
  });
});
