import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type StreamMessage, streamMessageSchema } from '../../core/wire/stream.ts';
import { type BatchItem, eventItem, makeAlert, makeBatch, makeEvent } from '../../prisma/seed/make-event.ts';
import { readConfig } from '../config.ts';
import { ingestBatch } from '../ingest/ingest-batch.ts';
import { createRuntime, type Runtime } from '../runtime.ts';
import { testContext, VIEWER_ACTOR } from '../testing/context.ts';
import { type TestDatabase, testDatabase } from '../testing/postgres.ts';
import { CLIENTS_MAX, FeedHub } from './feed-hub.ts';
import { openStream } from './open-stream.ts';
import { readFeedCursor, writeFeedCursor } from './rows.ts';

const holder = globalThis as typeof globalThis & { eyrieRuntime?: Promise<Runtime> | undefined };
type Received = { readonly id: string | undefined; readonly message: StreamMessage };

let test: TestDatabase;
let runtime: Runtime;
const ctx = () => testContext(test, { actor: VIEWER_ACTOR });

/** Every browser leaves with its test: one that stayed would keep the hub following for the next. */
const open = new Set<AbortController>();

/** A browser: reads messages until one satisfies `until`. */
async function connect(lastEventId: string | null = null) {
  const abort = new AbortController();
  open.add(abort);
  const stream = await openStream({ ctx: ctx(), input: { lastEventId, signal: abort.signal } });
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  const seen: Received[] = [];
  let buffer = '';
  const next = async (until: (message: StreamMessage) => boolean): Promise<Received> => {
    for (;;) {
      const end = buffer.indexOf('\n\n');
      if (end >= 0) {
        const block = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data === undefined) continue;
        const received = {
          id: /^id: (.*)$/m.exec(block)?.[1],
          message: streamMessageSchema.parse(JSON.parse(data)),
        };
        seen.push(received);
        if (until(received.message)) return received;
        continue;
      }
      const { done, value } = await reader.read();
      if (done) throw new Error('the stream ended');
      buffer += decoder.decode(value, { stream: true });
    }
  };
  return { next, seen, abort: () => abort.abort(), reader };
}

async function store(count: number, change: Parameters<typeof makeAlert>[0] = {}): Promise<void> {
  await storeItems(Array.from({ length: count }, () => eventItem(makeAlert(change))));
}

async function storeItems(items: readonly BatchItem[]): Promise<void> {
  const body = makeBatch({ agentId: randomUUID(), epoch: 1, firstSeq: 1 }, items);
  const { rejected } = await ingestBatch({ ctx: testContext(test), input: { body } });
  expect(rejected).toEqual([]);
}

beforeAll(async () => {
  test = await testDatabase();
  runtime = await createRuntime(readConfig({ DATABASE_URL: test.url, EYRIE_LOG_LEVEL: 'silent' }));
  holder.eyrieRuntime = Promise.resolve(runtime);
});
afterEach(() => {
  for (const abort of open) abort.abort();
  open.clear();
});
afterAll(async () => {
  holder.eyrieRuntime = undefined;
  await runtime?.shutdown();
  await test?.drop();
});

describe('the stream', () => {
  it('greets, then carries what another connection stores, and what changed', async () => {
    const browser = await connect();
    await browser.next(({ t }) => t === 'hello');
    await store(3, { summary: 'first' });
    const feed = await browser.next(({ t }) => t === 'feed');
    expect(feed.message).toMatchObject({ t: 'feed', skipped: 0 });
    expect(feed.message.t === 'feed' && feed.message.rows.map(({ summary }) => summary)).toEqual([
      'first',
      'first',
      'first',
    ]);
    expect(
      browser.seen.some(({ message }) => message.t === 'changed' && message.what.includes('events')),
    ).toBe(true);
  });

  it('shows at most 20 rows at once and says how many it left out; nothing twice', async () => {
    const browser = await connect();
    await browser.next(({ t }) => t === 'hello');
    await store(150);
    const feed = await browser.next(({ t }) => t === 'feed');
    expect(feed.message).toMatchObject({ skipped: 130 });
    await store(1, { summary: 'last one' });
    const next = await browser.next(({ t }) => t === 'feed');
    expect(next.message.t === 'feed' && next.message.rows.map(({ summary }) => summary)).toEqual([
      'last one',
    ]);
  });

  it('lets an alert leave at once although activity was stored right before', async () => {
    const hub = new FeedHub(runtime);
    const stored = Promise.withResolvers<void>();
    const alert = Promise.withResolvers<StreamMessage>();
    const leave = hub.join({
      send: (message) => {
        if (message.t === 'feed') alert.resolve(message);
        else if (message.t === 'changed') stored.resolve();
      },
      beat: () => undefined,
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }); // whatever waits, waits for ever
    try {
      await storeItems([eventItem(makeEvent())]);
      await stored.promise;
      await store(1, { summary: 'right behind' });
      expect(await alert.promise).toMatchObject({ rows: [{ summary: 'right behind' }] });
    } finally {
      vi.useRealTimers();
      leave();
    }
  });

  it('resumes where a browser stopped', async () => {
    const first = await connect();
    await first.next(({ t }) => t === 'hello');
    await store(1, { summary: 'before' });
    const { id } = await first.next(({ t }) => t === 'feed');
    expect(readFeedCursor(id ?? null)).toBeDefined();
    first.abort();
    await store(2, { summary: 'meanwhile' });
    const second = await connect(id);
    const missed = await second.next(({ t }) => t === 'feed');
    expect(missed.message.t === 'feed' && missed.message.rows.map(({ summary }) => summary)).toEqual([
      'meanwhile',
      'meanwhile',
    ]);
    second.abort();
  });

  it('names the incident that changed', async () => {
    const browser = await connect();
    await browser.next(({ t }) => t === 'hello');
    await test.pool.query(`SELECT pg_notify('eyrie', '{"t":"incident","id":7}')`);
    // What an earlier test stored may still be announced by the database; it may share the message.
    const changed = await browser.next(
      (message) => message.t === 'changed' && message.what.includes('incidents'),
    );
    expect(changed.message).toMatchObject({ t: 'changed', incidentId: 7 });
  });

  it('tells the lag every 5 s', async () => {
    const browser = await connect();
    const tick = await browser.next(({ t }) => t === 'tick');
    expect(tick.message).toMatchObject({ t: 'tick', lagMs: 0 });
  });

  it('ends when the browser goes and takes a bounded number of them', async () => {
    const browsers = await Promise.all(Array.from({ length: CLIENTS_MAX }, () => connect()));
    await expect(connect()).rejects.toMatchObject({ reason: 'stream_clients' });
    for (const browser of browsers) browser.abort();
    const again = await connect();
    await again.next(({ t }) => t === 'hello');
    again.abort();
    await expect(again.next(() => false)).rejects.toThrow('the stream ended');
  });
});

describe('the cursor', () => {
  it('is refused when it is not ours', () => {
    for (const text of [
      null,
      '',
      'x',
      "2026-11-21T03:00:00.000Z_'; DROP TABLE event",
      '2026-99-99T99:99:99.0Z_00000000-0000-0000-0000-000000000000',
    ]) {
      expect(readFeedCursor(text)).toBeUndefined();
    }
    const cursor = { receivedAt: '2026-11-21T03:00:00.123456Z', id: randomUUID() };
    expect(readFeedCursor(writeFeedCursor(cursor))).toEqual(cursor);
  });
});
