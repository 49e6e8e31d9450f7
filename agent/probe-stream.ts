import type { Readable } from 'node:stream';
import { decodeRecord } from './decode/decode.ts';
import { FrameSplitter } from './decode/frames.ts';
import { KIND, SYSCALL_CODES } from './decode/layout.ts';
import type { Drops, Hello, RawRecord } from './decode/raw.ts';

export type KernelRecord = Exclude<RawRecord, { kind: 'hello' } | { kind: 'drops' }>;

export type StreamHandler = {
  readonly onRecord: (record: KernelRecord) => void;
  readonly onDrops: (drops: Drops) => void;
};

/** Records kept to tell their twins by: what comes in two milliseconds of half a million events a second. */
const RECENT_MAX = 1_024;
/** The programs of two probes on one hook run one after the other and stamp an event microseconds apart. */
const TWIN_NS = 1_000_000n;
/** Records of several CPUs come somewhat out of order. */
const SETTLED_NS = 1_000_000_000n;

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
  readonly #recent = new RecentCalls();
  #before: ProbeStream | undefined;
  /** Times of what the predecessor passed on around the cut, by what tells a thread's calls apart. */
  #twins: Map<string, bigint[]> | undefined;

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
   * later events are the other's. The other stamps an event later: what both saw around the cut is told by its
   * thread, call and result, and is this stream's.
   */
  handOver(next: ProbeStream): void {
    const fromNs = this.#lastNs < next.#readyNs ? next.#readyNs : this.#lastNs + 1n;
    this.#untilNs = fromNs;
    next.#fromNs = fromNs;
    next.#before = this;
  }

  /** The predecessor has ended: pass on what waited, then the rest. */
  flow(): void {
    this.#phase = 'flowing';
    this.#twins =
      this.#before === undefined ? undefined : this.#before.#recent.since(this.#fromNs - 2n * TWIN_NS);
    this.#before = undefined;
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
    else if (this.#isTwin(record)) return;
    else if (
      record.ktimeNs >= this.#fromNs &&
      (this.#untilNs === undefined || record.ktimeNs < this.#untilNs)
    ) {
      if (record.ktimeNs > this.#lastNs) this.#lastNs = record.ktimeNs;
      this.#recent.add(record);
      this.#handler.onRecord(record);
    }
  }

  /** Whether the predecessor has passed this event on; each of its records has one twin. */
  #isTwin(record: KernelRecord): boolean {
    if (this.#twins === undefined) return false;
    if (record.ktimeNs > this.#fromNs + SETTLED_NS) {
      this.#twins = undefined;
      return false;
    }
    const times = this.#twins.get(keyOf(callOf(record), record.tid, record.res)) ?? [];
    let found = -1;
    for (const [at, time] of times.entries()) {
      const isNear = time <= record.ktimeNs && record.ktimeNs - time < TWIN_NS;
      if (isNear && (found < 0 || time > (times[found] ?? 0n))) found = at;
    }
    if (found < 0) return false;
    times.splice(found, 1);
    return true;
  }
}

/** The newest records that were passed on, as a ring of numbers: no record outlives its turn for it. */
class RecentCalls {
  readonly #times = new BigUint64Array(RECENT_MAX);
  readonly #calls = new Int32Array(RECENT_MAX);
  readonly #tids = new Uint32Array(RECENT_MAX);
  readonly #results = new Float64Array(RECENT_MAX);
  #next = 0;

  add(record: KernelRecord): void {
    const at = this.#next;
    this.#next = (at + 1) % RECENT_MAX;
    this.#times[at] = record.ktimeNs;
    this.#calls[at] = callOf(record);
    this.#tids[at] = record.tid;
    this.#results[at] = record.res;
  }

  /** Times by what tells a thread's calls apart. */
  since(fromNs: bigint): Map<string, bigint[]> {
    const times = new Map<string, bigint[]>();
    for (const [at, time] of this.#times.entries()) {
      if (time < fromNs || time === 0n) continue;
      const key = keyOf(this.#calls[at], this.#tids[at], this.#results[at]);
      times.set(key, [...(times.get(key) ?? []), time]);
    }
    return times;
  }
}

const callOf = (record: KernelRecord) => ('name' in record ? SYSCALL_CODES[record.name] : -KIND[record.kind]);

/** A thread does one thing at a time: with the time beside it, this tells its calls apart. */
const keyOf = (call = 0, tid = 0, result = 0) => `${call} ${tid} ${result}`;
