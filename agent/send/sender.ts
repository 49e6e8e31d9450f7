import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type IngestReply, ingestReplySchema } from '../../core/wire/ingest.ts';
import { parseJson } from '../parse-json.ts';
import { type Batch, halveBatch, type Position } from '../spool/batch-reader.ts';
import type { Spool } from '../spool/spool.ts';
import { Backoff } from './backoff.ts';
import { describeProblem, type HttpClient, type HttpReply } from './http-client.ts';

export type SenderOptions = {
  readonly client: HttpClient;
  readonly spool: Spool;
  readonly agentId: string;
  /** Waits this long for more items when few are there; bounds the latency it adds. Default 5 ms. */
  readonly lingerMs?: number;
  /** Default 4 MiB before compression, half of what the server takes. */
  readonly batchBytesMax?: number;
  readonly timeoutMs?: number;
  readonly random?: () => number;
  readonly onError?: (message: string) => void;
};

export type SenderState = {
  /** `unauthorized` while the server refuses the token; `failing` while it cannot be reached or is busy. */
  readonly health: 'ok' | 'failing' | 'unauthorized';
  readonly lastError: string | undefined;
  readonly batches: number;
  readonly items: number;
  readonly bytes: number;
  readonly retries: number;
  /** Items the server refused for good; it records the gap itself. */
  readonly rejected: number;
};

type Verdict = 'done' | 'too_large' | { readonly retryMs: number };

const GZIP_BYTES_MIN = 4 * 1024;
const BATCH_BYTES_MIN = 64 * 1024;
/** A batch this large gains nothing from waiting for more. */
const NO_LINGER_ITEMS = 500;
const gzipAsync = promisify(gzip);

/**
 * Sends the spool to the server in order, one batch at a time, until each is acknowledged. Sending again is
 * harmless: the server drops what it has by (agent, epoch, seq).
 * Errors: never rejects. 413 halves the batch; everything else is retried with backoff, for as long as it
 * takes, and shows in `state`.
 */
export class Sender {
  readonly #options: Required<SenderOptions>;
  readonly #backoff: Backoff;
  readonly #abort = new AbortController();
  readonly #state = { batches: 0, items: 0, bytes: 0, retries: 0, rejected: 0 };
  #health: SenderState['health'] = 'ok';
  #lastError: string | undefined;
  #batchBytesMax: number;
  #position: Position;
  #running: Promise<void> | undefined;
  #draining = false;
  #wake: () => void = () => {};

  constructor(options: SenderOptions) {
    this.#options = {
      lingerMs: 5,
      batchBytesMax: 4 * 1024 * 1024,
      timeoutMs: 30_000,
      random: Math.random,
      onError: () => {},
      ...options,
    };
    this.#batchBytesMax = this.#options.batchBytesMax;
    this.#position = options.spool.acked;
    this.#backoff = new Backoff({ baseMs: 200, maxMs: 30_000, random: this.#options.random });
    options.spool.onAppend(() => this.#wake());
  }

  get state(): SenderState {
    return { ...this.#state, health: this.#health, lastError: this.#lastError };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Sends what is left, then ends; gives up at the deadline. What is not acknowledged stays in the spool. */
  async stop(deadlineMs: number): Promise<void> {
    this.#draining = true;
    this.#wake();
    const timer = setTimeout(() => this.#abort.abort(), deadlineMs);
    await this.#running;
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      const batch = await this.#nextBatch();
      if (batch === undefined) return;
      await this.#deliver(batch);
    }
  }

  async #nextBatch(): Promise<Batch | undefined> {
    const { spool, lingerMs } = this.#options;
    for (;;) {
      const batch = spool.read(this.#position, this.#batchBytesMax);
      const isWorthMore =
        batch !== undefined && batch.count < NO_LINGER_ITEMS && lingerMs > 0 && !this.#draining;
      if (batch !== undefined && !isWorthMore) return batch;
      if (batch !== undefined) {
        await this.#pause(lingerMs);
        return spool.read(this.#position, this.#batchBytesMax) ?? batch;
      }
      if (this.#draining || this.#abort.signal.aborted) return undefined;
      await this.#untilAppended();
    }
  }

  #untilAppended(): Promise<void> {
    const { signal } = this.#abort;
    return new Promise((resolve) => {
      const wake = () => {
        this.#wake = () => {};
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  /** Sends one batch until it is acknowledged; halves go out in order. */
  async #deliver(whole: Batch): Promise<void> {
    const queue = [whole];
    for (
      let batch = queue.shift();
      batch !== undefined && !this.#abort.signal.aborted;
      batch = queue.shift()
    ) {
      const verdict = await this.#attempt(batch);
      if (verdict === 'done') continue;
      if (verdict === 'too_large') {
        const halves = halveBatch(batch);
        this.#batchBytesMax = Math.max(BATCH_BYTES_MIN, batch.lines.length >> 1);
        if (halves !== undefined) queue.unshift(...halves);
        else this.#giveUp(batch);
        continue;
      }
      this.#state.retries += 1;
      queue.unshift(batch);
      await this.#pause(verdict.retryMs);
    }
  }

  async #attempt(batch: Batch): Promise<Verdict> {
    const { client, spool, agentId, timeoutMs } = this.#options;
    try {
      const { epoch, firstSeq } = batch;
      const droppedThrough = spool.droppedThrough(epoch);
      const header = JSON.stringify({ agentId, epoch, firstSeq, droppedThrough });
      const plain = Buffer.concat([Buffer.from(`${header}\n`), batch.lines]);
      const isSmall = plain.length <= GZIP_BYTES_MIN;
      const body = isSmall ? plain : await gzipAsync(plain, { level: 1 });
      const encoding: Record<string, string> = isSmall ? {} : { 'content-encoding': 'gzip' };
      const reply = await client.post({
        path: '/api/v1/ingest',
        body,
        headers: { 'content-type': 'application/x-ndjson', ...encoding },
        timeoutMs,
        signal: this.#abort.signal,
      });
      this.#state.bytes += body.length;
      return await this.#judge(batch, reply);
    } catch (err) {
      return this.#fail('failing', err instanceof Error ? err.message : String(err), 0);
    }
  }

  async #judge(batch: Batch, reply: HttpReply): Promise<Verdict> {
    if (reply.status === 413) return 'too_large';
    if (reply.status === 401 || reply.status === 403) {
      return this.#fail('unauthorized', `the server refuses this agent: ${describeProblem(reply)}`, 5_000);
    }
    if (reply.status !== 200) {
      return this.#fail('failing', describeProblem(reply), reply.retryAfterMs);
    }
    const parsed = ingestReplySchema.safeParse(parseJson(reply.body));
    if (!parsed.success) return this.#fail('failing', 'the reply is not an ingest reply', 0);
    const { ackedSeq, backoffMs } = parsed.data;
    if (ackedSeq < batch.firstSeq + batch.count - 1) {
      return this.#fail('failing', `the server acknowledged ${ackedSeq} only`, backoffMs);
    }
    this.#settle(batch, parsed.data);
    if (backoffMs > 0 && !this.#draining) await this.#pause(Math.min(backoffMs, 60_000));
    return 'done';
  }

  #settle(batch: Batch, { ackedSeq, rejected }: IngestReply): void {
    this.#position = { epoch: batch.epoch, seq: ackedSeq };
    this.#options.spool.ack(batch.epoch, ackedSeq);
    this.#state.batches += 1;
    this.#state.items += batch.count;
    this.#state.rejected += rejected.length;
    const [first] = rejected;
    if (first !== undefined) {
      this.#options.onError(
        `server refused ${rejected.length} items; ${first.seq} ${first.path}: ${first.message}`,
      );
    }
    this.#health = 'ok';
    this.#lastError = undefined;
    this.#backoff.reset();
  }

  /** A single item that the server finds too large: its number stays a hole, which the server records. */
  #giveUp(batch: Batch): void {
    this.#position = { epoch: batch.epoch, seq: batch.firstSeq };
    this.#state.rejected += 1;
    this.#options.onError(`server finds item ${batch.firstSeq} too large (${batch.lines.length} bytes)`);
  }

  #fail(health: SenderState['health'], message: string, atLeastMs: number): Verdict {
    if (this.#lastError !== message && !this.#abort.signal.aborted) this.#options.onError(message);
    this.#health = health;
    this.#lastError = message;
    return { retryMs: Math.max(atLeastMs, this.#backoff.nextMs()) };
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#abort.signal }).catch(() => {});
  }
}
