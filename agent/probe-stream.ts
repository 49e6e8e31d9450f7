import type { Readable } from 'node:stream';
import { decodeRecord } from './decode/decode.ts';
import { FrameSplitter } from './decode/frames.ts';
import type { Drops, Hello, RawRecord } from './decode/raw.ts';

export type KernelRecord = Exclude<RawRecord, { kind: 'hello' } | { kind: 'drops' }>;

export type StreamHandler = {
  readonly onRecord: (record: KernelRecord) => void;
  readonly onDrops: (drops: Drops) => void;
};

/**
 * One probe's output as records. When a probe takes over from another one, both see the same events for a
 * moment: kernel time decides which of them each event is taken from, so that none is lost or doubled.
 */
export class ProbeStream {
  readonly hello: Promise<Hello>;
  readonly ended: Promise<void>;
  readonly counters = { undecodable: 0 };
  readonly #splitter: FrameSplitter;
  readonly #stdout: Readable;
  readonly #handler: StreamHandler;
  readonly #onHello: (hello: Hello) => void;
  #phase: 'starting' | 'waiting' | 'flowing';
  #readyNs = 0n;
  #lastNs = 0n;
  #fromNs = 0n;
  #untilNs: bigint | undefined;
  #held: KernelRecord[] = [];

  /** `takesOver`: nothing but names is passed on until `flow()`, and nothing from before the hello ever. */
  constructor(stdout: Readable, handler: StreamHandler, takesOver: boolean) {
    this.#stdout = stdout;
    this.#handler = handler;
    this.#phase = takesOver ? 'starting' : 'flowing';
    const hello = Promise.withResolvers<Hello>();
    const ended = Promise.withResolvers<void>();
    this.hello = hello.promise;
    this.ended = ended.promise;
    this.#onHello = hello.resolve;
    this.hello.catch(() => undefined);
    this.#splitter = new FrameSplitter((payload) => this.#onFrame(payload));
    stdout.on('data', (chunk: Buffer) => this.#splitter.push(chunk));
    stdout.on('error', hello.reject);
    stdout.on('close', () => {
      hello.reject(new Error('the probe ended before it was ready'));
      ended.resolve();
    });
    stdout.resume(); // a socket comes paused, since its first line was read already
  }

  get frames(): FrameSplitter['counters'] {
    return this.#splitter.counters;
  }

  /**
   * Hands over to `next`, which has said hello. What this stream has passed on already stays its own, all
   * later events are the other's. Two programs stamp one event about a microsecond apart, so of the events
   * in that very microsecond one per CPU can come from both.
   */
  handOver(next: ProbeStream): void {
    const fromNs = this.#lastNs < next.#readyNs ? next.#readyNs : this.#lastNs + 1n;
    this.#untilNs = fromNs;
    next.#fromNs = fromNs;
  }

  /** The predecessor has ended: pass on what waited, then the rest. */
  flow(): void {
    this.#phase = 'flowing';
    const held = this.#held;
    this.#held = [];
    for (const record of held) this.#onRecord(record);
    this.#stdout.resume();
  }

  #onFrame(payload: Buffer): void {
    const record = decodeRecord(payload);
    if (record === undefined) this.counters.undecodable++;
    else if (record.kind === 'drops') this.#handler.onDrops(record.drops);
    else if (record.kind === 'hello') {
      this.#readyNs = record.ktimeNs;
      if (this.#phase === 'starting') {
        this.#phase = 'waiting';
        this.#stdout.pause(); // the ring buffer in the kernel holds the rest
      }
      this.#onHello(record.hello);
    } else this.#onRecord(record);
  }

  #onRecord(record: KernelRecord): void {
    if (record.kind === 'cgroup') this.#handler.onRecord(record);
    else if (this.#phase === 'starting') return;
    else if (this.#phase === 'waiting') this.#held.push(record);
    else if (
      record.ktimeNs >= this.#fromNs &&
      (this.#untilNs === undefined || record.ktimeNs < this.#untilNs)
    ) {
      if (record.ktimeNs > this.#lastNs) this.#lastNs = record.ktimeNs;
      this.#handler.onRecord(record);
    }
  }
}
