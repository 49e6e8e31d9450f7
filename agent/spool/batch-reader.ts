import { INGEST_ITEMS_MAX } from '../../core/wire/ingest.ts';
import { readFrames, type Segment } from './segment.ts';

export type Position = { readonly epoch: number; readonly seq: number };

/** A run of consecutive items as it goes on the wire. */
export type Batch = {
  readonly epoch: number;
  readonly firstSeq: number;
  readonly count: number;
  readonly lines: Buffer;
};

/** Leaves a frame with its checkpoint below FRAME_PAYLOAD_BYTES_MAX even if every unit takes three bytes. */
const CHUNK_UNITS_MAX = 2 * 1024 * 1024;
const CHUNK_ITEMS_MAX = 1_000;
const NEWLINE = 0x0a;

type Cursor = { readonly path: string; readonly seq: number; readonly offset: number };

/**
 * Reads batches in order. It remembers where the last batch began and ended, so that neither going on nor
 * reading the same batch again, larger, searches the segment.
 */
export class BatchReader {
  #cursors: readonly Cursor[] = [];

  read(segments: readonly Segment[], after: Position, bytesMax: number): Batch | undefined {
    for (const segment of segments) {
      const seq = segment.epoch === after.epoch ? after.seq : 0;
      if (segment.epoch < after.epoch || segment.lastSeq <= seq || segment.lastSeq < segment.firstSeq)
        continue;
      const batch = this.#readSegment(segment, seq, bytesMax);
      if (batch !== undefined) return batch;
    }
    return undefined;
  }

  #readSegment(segment: Segment, afterSeq: number, bytesMax: number): Batch | undefined {
    const { path } = segment;
    const begin = this.#cursors.find((cursor) => cursor.path === path && cursor.seq === afterSeq);
    const offset = begin?.offset ?? 0;
    const parts: Buffer[] = [];
    let [firstSeq, count, bytes] = [0, 0, 0];
    for (const { frame, end } of readFrames(segment, offset)) {
      const lastSeq = frame.firstSeq + frame.count - 1;
      if (frame.count === 0 || lastSeq <= afterSeq) continue;
      const partSeq = Math.max(frame.firstSeq, afterSeq + 1);
      const part = skipLines(frame.lines, partSeq - frame.firstSeq);
      const partCount = lastSeq - partSeq + 1;
      const isFull = bytes + part.length > bytesMax || count + partCount > INGEST_ITEMS_MAX;
      if (count > 0 && (isFull || firstSeq + count !== partSeq)) break;
      if (count === 0) firstSeq = partSeq;
      parts.push(part);
      count += partCount;
      bytes += part.length;
      this.#cursors = [
        { path, seq: afterSeq, offset },
        { path, seq: lastSeq, offset: end },
      ];
    }
    return count === 0 ? undefined : { epoch: segment.epoch, firstSeq, count, lines: Buffer.concat(parts) };
  }
}

/** The first half and the rest, for a server that finds a batch too large; undefined for a single item. */
export function halveBatch(batch: Batch): readonly [Batch, Batch] | undefined {
  if (batch.count < 2) return undefined;
  const half = batch.count >> 1;
  const rest = skipLines(batch.lines, half);
  const { epoch, firstSeq, count, lines } = batch;
  return [
    { epoch, firstSeq, count: half, lines: lines.subarray(0, lines.length - rest.length) },
    { epoch, firstSeq: firstSeq + half, count: count - half, lines: rest },
  ];
}

export function splitLines(lines: Buffer): string[] {
  return lines.toString().split('\n').slice(0, -1);
}

/** Runs of lines that each fit one frame; at least one run. */
export function chunkLines(lines: readonly string[]): string[][] {
  const chunks: string[][] = [[]];
  let units = 0;
  for (const line of lines) {
    const current = chunks.at(-1) ?? [];
    if (current.length > 0 && (units + line.length > CHUNK_UNITS_MAX || current.length >= CHUNK_ITEMS_MAX)) {
      chunks.push([line]);
      units = line.length;
    } else {
      current.push(line);
      units += line.length;
    }
  }
  return chunks;
}

function skipLines(lines: Buffer, count: number): Buffer {
  let at = 0;
  for (let skipped = 0; skipped < count; skipped += 1) at = lines.indexOf(NEWLINE, at) + 1;
  return lines.subarray(at);
}
