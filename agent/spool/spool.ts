import { unlinkSync } from 'node:fs';
import type { GapRecord } from '../../core/events/event.ts';
import { type Batch, BatchReader, chunkLines, type Position, splitLines } from './batch-reader.ts';
import { readBootId, readMeta, writeMeta } from './epoch.ts';
import { encodeFrame } from './frame.ts';
import { gapLine } from './item.ts';
import { Losses } from './losses.ts';
import { readFrames, type Segment } from './segment.ts';
import { type FsyncPolicy, SegmentWriter } from './segment-writer.ts';
import { recoverSpool } from './spool-recovery.ts';

export type SpoolOptions = {
  readonly dir: string;
  readonly node?: string | undefined;
  /** Default 512 MiB: more than a million alerts, as they are packed once the server is behind. */
  readonly bytesMax?: number;
  /** Default 8 MiB: what one drop of the oldest segment loses, and what recovery reads at once. */
  readonly segmentBytes?: number;
  /** Default every 50 ms: a power cut costs at most that much. */
  readonly fsync?: FsyncPolicy;
  readonly nowMs?: () => number;
  readonly bootId?: string;
  readonly onError?: (message: string) => void;
};

export type SpoolState = {
  readonly epoch: number;
  readonly lastSeq: number;
  readonly ackedSeq: number;
  readonly bytes: number;
  readonly bytesMax: number;
};

const PENDING_BYTES_FLUSH = 256 * 1024;
const PENDING_ITEMS_FLUSH = 1_000;

/**
 * Durable queue of wire lines on disk. Sequence numbers start at 1 in every epoch and are given on append.
 * An epoch is one unbroken run of a spool: a new directory, a reboot (unsynced frames may be gone), a torn
 * tail, and a server that has seen more than the spool holds begin a new one. Damage in the middle leaves a
 * hole in the numbers, which the server sees and records. One process owns a directory.
 * Errors: a full disk or a full spool loses events, which are counted and written down as gaps; after the
 * constructor nothing throws.
 */
export class Spool {
  readonly tornBytes: number;
  readonly #options: Required<Omit<SpoolOptions, 'node'>> & { readonly node: string | undefined };
  readonly #writer: SegmentWriter;
  readonly #reader = new BatchReader();
  readonly #losses = new Losses();
  readonly #listeners = new Set<() => void>();
  readonly #checkpoint: Record<string, unknown>;
  #segments: Segment[];
  #epoch: number;
  #nextSeq: number;
  #acked: Position;
  /** Newest item that was dropped; its loss is in #losses until the next write. */
  #dropped: Position | undefined;
  #isDropSaved = true;
  #pending: string[] = [];
  #pendingBytes = 0;
  #flushScheduled = false;

  constructor(options: SpoolOptions) {
    this.#options = {
      bytesMax: 512 * 1024 * 1024,
      segmentBytes: 8 * 1024 * 1024,
      fsync: { kind: 'interval', ms: 50 },
      nowMs: Date.now,
      bootId: readBootId(),
      onError: () => {},
      node: undefined,
      ...options,
    };
    const { dir, bootId, fsync, onError } = this.#options;
    const recovery = recoverSpool(dir);
    const meta = readMeta(dir);
    const newest = recovery.segments.at(-1);
    this.tornBytes = recovery.tornBytes;
    this.#segments = recovery.segments;
    this.#checkpoint = parseCheckpoint(recovery.checkpoint);
    this.#writer = new SegmentWriter(fsync, onError);
    this.#epoch = Math.max(meta?.epoch ?? 0, newest?.epoch ?? 0);
    const oldest = this.#segments[0]?.epoch ?? this.#epoch;
    this.#acked = { epoch: oldest, seq: meta?.epoch === oldest ? meta.ackedSeq : 0 };
    this.#dropped = meta?.dropped;
    this.#nextSeq = (newest?.lastSeq ?? 0) + 1;
    const isUnbroken = meta?.bootId === bootId && newest?.epoch === this.#epoch && recovery.tornBytes === 0;
    if (!isUnbroken) this.#beginEpoch();
  }

  get state(): SpoolState {
    return {
      epoch: this.#epoch,
      lastSeq: this.#nextSeq - 1,
      ackedSeq: this.#acked.epoch === this.#epoch ? this.#acked.seq : 0,
      bytes: this.#segments.reduce((sum, { bytes }) => sum + bytes, 0),
      bytesMax: this.#options.bytesMax,
    };
  }

  /** Where sending goes on: the last item the server is known to have. */
  get acked(): Position {
    return this.#acked;
  }

  /** Up to which number of an epoch the spool dropped items and reports them as `spool_full`. */
  droppedThrough(epoch: number): number | undefined {
    return this.#dropped?.epoch === epoch ? this.#dropped.seq : undefined;
  }

  /** The position that a source saved with its last durable items. */
  checkpoint(name: string): unknown {
    return this.#checkpoint[name];
  }

  onAppend(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Queues one line; it is written before the event loop turns again, or at once when much is queued. */
  append(line: string): void {
    this.#pending.push(line);
    this.#pendingBytes += line.length;
    if (this.#pendingBytes >= PENDING_BYTES_FLUSH || this.#pending.length >= PENDING_ITEMS_FLUSH) {
      this.flush();
    } else if (!this.#flushScheduled) {
      this.#flushScheduled = true;
      setImmediate(() => {
        this.#flushScheduled = false;
        this.flush();
      });
    }
  }

  appendGap(gap: GapRecord): void {
    this.append(gapLine(gap));
  }

  /**
   * Writes the lines and a source's new position in one durable step.
   * Errors: false when the disk refuses; the source keeps its old position and reads the lines again.
   */
  appendWithCheckpoint(lines: readonly string[], name: string, position: unknown): boolean {
    this.flush();
    const chunks = chunkLines(lines);
    const last = chunks.pop() ?? [];
    for (const chunk of chunks) if (!this.#write(chunk, '')) return false;
    if (!this.#write(last, JSON.stringify({ ...this.#checkpoint, [name]: position }))) return false;
    this.#checkpoint[name] = position;
    return true;
  }

  /** Writes everything queued. What the disk refuses is lost and counted. */
  flush(): void {
    if (this.#pending.length === 0) return;
    const lines = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    for (const chunk of chunkLines(lines)) if (!this.#write(chunk, '')) this.#losses.add(chunk);
  }

  /** Writes down what was lost, if the disk takes it again: nothing else may come that would bring it along. */
  tellLosses(): void {
    this.flush();
    if (!this.#losses.isEmpty) this.#write([], '');
  }

  /** The oldest items after a position; undefined when there are none. */
  read(after: Position, bytesMax: number): Batch | undefined {
    return this.#reader.read(this.#segments, after, bytesMax);
  }

  /** The server has everything of this epoch up to `seq`: whole segments go. */
  ack(epoch: number, seq: number): void {
    if (epoch === this.#epoch && seq >= this.#nextSeq) {
      this.#leaveEpoch(seq);
      return;
    }
    const isNews = epoch > this.#acked.epoch || (epoch === this.#acked.epoch && seq > this.#acked.seq);
    if (isNews) this.#acked = { epoch, seq };
    for (const segment of [...this.#segments]) {
      const isAcked = segment.epoch < epoch || (segment.epoch === epoch && segment.lastSeq <= seq);
      if (isAcked && segment !== this.#writer.segment) this.#remove(segment);
    }
  }

  /** Flushes, syncs and closes. */
  close(): void {
    this.tellLosses();
    this.#writer.close();
    this.#saveMeta();
  }

  #write(lines: readonly string[], checkpoint: string): boolean {
    const bytes = lines.reduce((sum, line) => sum + line.length, checkpoint.length);
    if (!this.#makeRoom(bytes)) return false;
    const { node } = this.#options;
    const all = [...this.#losses.lines(node), ...lines];
    const frame = encodeFrame({
      firstSeq: this.#nextSeq,
      count: all.length,
      checkpoint,
      lines: all.join(''),
      // Behind by more than a segment, the server is away or slow: room counts for more than time.
      pack: this.#segments.length > 1,
    });
    if (!this.#writer.append(frame, all.length)) return false;
    this.#nextSeq += all.length;
    this.#losses.clear();
    // After the gap is written: a crash before counts the loss twice rather than never.
    if (!this.#isDropSaved) this.#saveMeta();
    for (const listener of this.#listeners) listener();
    return true;
  }

  /** Opens a new segment where the active one is full, and drops the oldest where the spool is. */
  #makeRoom(bytes: number): boolean {
    const active = this.#writer.segment;
    const isFull =
      active !== undefined &&
      active.lastSeq >= active.firstSeq &&
      active.bytes + bytes > this.#options.segmentBytes;
    if ((active === undefined || isFull) && !this.#startSegment()) return false;
    while (this.state.bytes + bytes > this.#options.bytesMax && this.#segments.length > 1) {
      const oldest = this.#segments[0];
      if (oldest === undefined || oldest === this.#writer.segment) break;
      this.#dropSegment(oldest);
    }
    return true;
  }

  #startSegment(): boolean {
    const { dir } = this.#options;
    const empty = this.#segments.find(
      ({ epoch, firstSeq }) => epoch === this.#epoch && firstSeq === this.#nextSeq,
    );
    if (!this.#writer.start(dir, this.#epoch, this.#nextSeq, empty)) return false;
    const segment = this.#writer.segment;
    if (segment !== undefined && empty === undefined) this.#segments.push(segment);
    // Older segments go when acked, so each one begins with every source's position.
    const checkpoint = JSON.stringify(this.#checkpoint);
    return this.#writer.append(encodeFrame({ firstSeq: this.#nextSeq, count: 0, checkpoint, lines: '' }), 0);
  }

  #dropSegment(segment: Segment): void {
    const { epoch, seq } = this.#acked;
    try {
      for (const { frame } of readFrames(segment, 0)) {
        const known =
          segment.epoch < epoch ? frame.count : segment.epoch === epoch ? seq - frame.firstSeq + 1 : 0;
        this.#losses.add(splitLines(frame.lines).slice(Math.max(0, known)));
      }
    } catch (err) {
      this.#options.onError(`spool read ${segment.path}: ${String(err)}`);
    }
    this.#dropped = { epoch: segment.epoch, seq: segment.lastSeq };
    this.#isDropSaved = false;
    this.#remove(segment);
  }

  #remove(segment: Segment): void {
    this.#segments = this.#segments.filter((other) => other !== segment);
    try {
      unlinkSync(segment.path);
    } catch (err) {
      this.#options.onError(`spool remove: ${String(err)}`);
    }
  }

  /** The server holds other items under our numbers and takes ours for resends: say so and number anew. */
  #leaveEpoch(serverSeq: number): void {
    const count = Math.max(0, this.#nextSeq - 1 - this.#acked.seq);
    const detail = `the server already held item ${serverSeq}, the spool ended at ${this.#nextSeq - 1}; sources unknown`;
    this.#options.onError(detail);
    this.#acked = { epoch: this.#epoch, seq: serverSeq };
    this.#beginEpoch();
    if (count === 0) return;
    const now = String(BigInt(this.#options.nowMs()) * 1_000_000n);
    const { node } = this.#options;
    this.appendGap({
      source: 'syscall',
      node,
      startNs: now,
      endNs: now,
      cause: 'spool_corrupt',
      count,
      detail,
    });
  }

  #beginEpoch(): void {
    this.#writer.stop();
    this.#epoch = Math.max(Math.floor(this.#options.nowMs() / 1_000), this.#epoch + 1);
    this.#nextSeq = 1;
    this.#saveMeta();
  }

  #saveMeta(): void {
    try {
      writeMeta(this.#options.dir, {
        epoch: this.#epoch,
        bootId: this.#options.bootId,
        ackedSeq: this.state.ackedSeq,
        ...(this.#dropped === undefined ? {} : { dropped: this.#dropped }),
      });
      this.#isDropSaved = true;
    } catch (err) {
      this.#options.onError(`spool state: ${String(err)}`);
    }
  }
}

function parseCheckpoint(text: string): Record<string, unknown> {
  if (text === '') return {};
  // Written by appendWithCheckpoint under the frame's checksum.
  return JSON.parse(text) as Record<string, unknown>;
}
