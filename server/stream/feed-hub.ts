import type { StreamMessage } from '../../core/wire/stream.ts';
import type { BusMessage } from '../db/listen.ts';
import { AppError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { type FeedCursor, type FeedRow, feedEnd, readFeed, readLagMs, writeFeedCursor } from './rows.ts';

export type FeedClient = {
  /** `id` is the position to resume from, null where the message is no place to resume. */
  readonly send: (message: StreamMessage, id: string | null) => void;
  readonly beat: () => void;
};

export const CLIENTS_MAX = 200;
export const FEED_ROWS_MAX = 20;
const STEP_MS = 250;
/** A read that finds nothing for the feed, only stored activity, takes a few milliseconds and no browser's time. */
const EMPTY_STEP_MS = 50;
/** An attack brings several writes within milliseconds, its alert is seldom in the first. */
const AHEAD_MS = 1_000;
const TICK_MS = 5_000;
const BEAT_MS = 15_000;
const READ_MAX = 1_000;
/** Rows become visible at commit, maybe after rows that arrived later: the last second is read again. */
const OVERLAP_MS = 1_000;
const SENT_MAX = 10_000;

type Changed = Extract<StreamMessage, { t: 'changed' }>;
type What = Changed['what'][number];
const ALL: readonly What[] = ['events', 'incidents', 'actions', 'agents', 'cluster'];

/**
 * Reads the feed once for all browsers of this process, and only while one listens.
 * What comes after a quiet second goes out at once, in up to four messages, the following at most every 250 ms:
 * a lone alert waits for nobody, a storm costs four messages a second and at most twenty reads.
 */
export class FeedHub {
  readonly #runtime: Runtime;
  readonly #clients = new Set<FeedClient>();
  readonly #sent = new Set<string>();
  readonly #timers: NodeJS.Timeout[] = [];
  #cursor: FeedCursor = feedEnd(new Date(0));
  /** Nothing before the first browser came is read again: it was never followed. */
  #floorMs = 0;
  #dirty = false;
  #stepping = false;
  #next: NodeJS.Timeout | null = null;
  /** When the steps so far would all have had their time; ahead of now by what was taken at once. */
  #paidMs = 0;
  #changed = new Set<What>();
  #incidents = new Set<number>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    runtime.onShutdown(() => this.#stop());
  }

  get cursor(): FeedCursor {
    return this.#cursor;
  }

  /** Adds a browser. Returns how to leave. Errors: unavailable when there are too many. */
  join(client: FeedClient): () => void {
    if (this.#clients.size >= CLIENTS_MAX) {
      throw new AppError('unavailable', `This server streams to ${CLIENTS_MAX} browsers already.`, {
        reason: 'stream_clients',
      });
    }
    this.#clients.add(client);
    if (this.#clients.size === 1) this.#start();
    return () => {
      this.#clients.delete(client);
      if (this.#clients.size === 0) this.#stop();
    };
  }

  #start(): void {
    const now = new Date();
    this.#cursor = feedEnd(now);
    this.#floorMs = now.getTime();
    this.#runtime.bus.on('message', this.#onMessage);
    this.#runtime.bus.on('resync', this.#onResync);
    const every = (ms: number, run: () => void) => this.#timers.push(setInterval(run, ms).unref());
    every(TICK_MS, () => void this.#tick());
    every(BEAT_MS, () => {
      for (const client of this.#clients) client.beat();
    });
  }

  #stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    if (this.#next !== null) clearTimeout(this.#next);
    this.#next = null;
    this.#runtime.bus.off('message', this.#onMessage);
    this.#runtime.bus.off('resync', this.#onResync);
    this.#sent.clear();
    this.#changed.clear();
    this.#incidents.clear();
    this.#dirty = false;
  }

  readonly #onMessage = (message: BusMessage): void => {
    if (message.t === 'events') {
      if (message.clusterId !== this.#runtime.config.clusterId) return;
      this.#dirty = true;
      this.#changed.add('events');
    } else if (message.t === 'incident') {
      this.#changed.add('incidents');
      this.#incidents.add(message.id);
    } else if (message.t === 'action') this.#changed.add('actions');
    else this.#changed.add(message.t);
    this.#wake();
  };

  readonly #onResync = (): void => {
    this.#dirty = true;
    for (const what of ALL) this.#changed.add(what);
    this.#wake();
  };

  /** Steps now, or as soon as the rate allows it; a step that runs is followed by another where one is due. */
  #wake(): void {
    if (this.#next !== null || this.#stepping) return;
    const waitMs = this.#paidMs - AHEAD_MS - performance.now();
    if (waitMs > 0) this.#next = setTimeout(() => this.#elapsed(), waitMs).unref();
    else void this.#step();
  }

  #elapsed(): void {
    this.#next = null;
    if (this.#dirty || this.#changed.size > 0) this.#wake();
  }

  async #step(): Promise<void> {
    let costMs = [...this.#changed].some((kind) => kind !== 'events') ? STEP_MS : EMPTY_STEP_MS;
    if (this.#changed.size > 0) this.#sendChanged();
    this.#stepping = true;
    try {
      if (this.#dirty && (await this.#read())) costMs = STEP_MS;
    } catch (err) {
      this.#dirty = true;
      costMs = STEP_MS;
      this.#runtime.log.warn({ err }, 'the feed was not read; the next step tries again');
    } finally {
      this.#stepping = false;
      this.#paidMs = Math.max(performance.now(), this.#paidMs) + costMs;
      // What came meanwhile found the hub busy.
      if (this.#clients.size > 0) this.#elapsed();
    }
  }

  #sendChanged(): void {
    const what = ALL.filter((kind) => this.#changed.has(kind));
    const [only, ...others] = this.#incidents;
    this.#broadcast(
      { t: 'changed', what, ...(only === undefined || others.length > 0 ? {} : { incidentId: only }) },
      null,
    );
    this.#changed.clear();
    this.#incidents.clear();
  }

  /** Whether there was something to send. */
  async #read(): Promise<boolean> {
    this.#dirty = false;
    const { pool, config } = this.#runtime;
    const fromMs = Math.max(this.#floorMs, Date.parse(this.#cursor.receivedAt) - OVERLAP_MS);
    let after = feedEnd(new Date(fromMs));
    const fresh: FeedRow[] = [];
    for (;;) {
      const page = await readFeed(pool, { clusterId: config.clusterId, after, limit: READ_MAX });
      fresh.push(...page.filter(({ row }) => !this.#sent.has(row.id)));
      const last = page.at(-1);
      if (last === undefined || page.length < READ_MAX) break;
      after = last.cursor;
    }
    const newest = fresh.at(-1);
    if (newest === undefined) return false;
    for (const { row } of fresh) this.#sent.add(row.id);
    for (const id of this.#sent) {
      if (this.#sent.size <= SENT_MAX) break;
      this.#sent.delete(id);
    }
    if (newest.cursor.receivedAt > this.#cursor.receivedAt) this.#cursor = newest.cursor;
    this.#broadcast(feedMessage(fresh), writeFeedCursor(this.#cursor));
    return true;
  }

  async #tick(): Promise<void> {
    const { pool, config, log } = this.#runtime;
    const lagMs = await readLagMs(pool, config.clusterId).catch((err: unknown) => {
      log.warn({ err }, 'the lag was not read');
      return null;
    });
    this.#broadcast({ t: 'tick', serverTime: new Date().toISOString(), lagMs }, null);
  }

  #broadcast(message: StreamMessage, id: string | null): void {
    for (const client of this.#clients) client.send(message, id);
  }
}

/** The newest rows, newest last, and how many were left out. */
export function feedMessage(rows: readonly FeedRow[]): StreamMessage {
  const shown = rows.slice(-FEED_ROWS_MAX).map(({ row }) => row);
  return { t: 'feed', rows: shown, skipped: rows.length - shown.length };
}
