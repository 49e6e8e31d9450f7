import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StreamMessage } from '../../core/wire/stream.ts';
import { StreamClient } from './stream-client.ts';

class FakeEventSource {
  static readonly CLOSED = 2;
  static readonly opened: FakeEventSource[] = [];
  readyState = 1;
  onmessage: ((event: { data: string }) => void) | undefined;
  onerror: (() => void) | undefined;

  constructor() {
    FakeEventSource.opened.push(this);
  }

  close() {
    this.readyState = FakeEventSource.CLOSED;
  }
}

const time = '2026-11-21T03:06:12.000Z';
const row = {
  id: '0.a',
  time,
  source: 'syscall',
  type: 'execve',
  categories: [],
  outcome: 'ok',
  priority: 6,
  rule: null,
  tags: [],
  summary: 'sh started',
  node: null,
  namespace: null,
  pod: null,
  container: null,
  containerId: null,
  workload: null,
  user: null,
  process: null,
  pid: null,
  peer: null,
  object: null,
} as const;
const send = (message: StreamMessage | string) =>
  FakeEventSource.opened
    .at(-1)
    ?.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });

describe('StreamClient', () => {
  let client: StreamClient;
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('EventSource', FakeEventSource);
    FakeEventSource.opened.length = 0;
    client = new StreamClient();
    client.open();
  });
  afterEach(() => {
    client.close();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('is live after the first message and behind once the lag exceeds ten seconds', () => {
    expect(client.getState().phase).toBe('connecting');
    send({ t: 'hello', serverTime: time });
    expect(client.getState().phase).toBe('live');
    send({ t: 'tick', serverTime: time, lagMs: 12_000 });
    expect(client.getState()).toMatchObject({ phase: 'behind', lagMs: 12_000 });
  });

  it('hands feed rows on, but only counts them while paused', () => {
    const seen: number[] = [];
    client.onFeed((feed) => seen.push(feed.rows.length));
    send({ t: 'feed', rows: [{ ...row, categories: [], tags: [] }], skipped: 0 });
    client.setPaused(true);
    send({ t: 'feed', rows: [{ ...row, categories: [], tags: [] }], skipped: 4 });
    expect(seen).toEqual([1]);
    expect(client.getState()).toMatchObject({ phase: 'paused', pending: 5 });
    client.setPaused(false);
    expect(client.getState()).toMatchObject({ phase: 'live', pending: 0 });
  });

  it('ignores messages that break the contract', () => {
    send('not json');
    send('{"t":"unknown"}');
    expect(client.getState().phase).toBe('connecting');
  });

  it('opens again when the server falls silent, and then reports everything as changed', () => {
    const changed: string[] = [];
    client.onChanged((message) => changed.push(...message.what));
    send({ t: 'hello', serverTime: time });
    vi.advanceTimersByTime(17_000);
    expect(client.getState().phase).toBe('disconnected');
    expect(FakeEventSource.opened).toHaveLength(2);
    send({ t: 'hello', serverTime: time });
    expect(client.getState().phase).toBe('live');
    expect(changed).toEqual(['events', 'incidents', 'actions', 'agents', 'cluster']);
  });

  it('asks again later after the server refused', () => {
    const source = FakeEventSource.opened[0];
    if (!source) throw new Error('no stream was opened');
    source.readyState = FakeEventSource.CLOSED;
    source.onerror?.();
    expect(client.getState().phase).toBe('disconnected');
    vi.advanceTimersByTime(4_000);
    expect(FakeEventSource.opened).toHaveLength(2);
  });
});
