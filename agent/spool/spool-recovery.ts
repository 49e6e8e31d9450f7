import { mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Hole, parseSegmentName, type Segment, scanSegment, truncateSegment } from './segment.ts';

export type Recovery = {
  /** Oldest first: by epoch, then by sequence number. */
  readonly segments: Segment[];
  readonly holes: readonly Hole[];
  readonly checkpoint: string;
  readonly tornBytes: number;
};

/**
 * Reads what a former run left in the spool directory, removes torn tails and empty files, and names every
 * sequence number that is missing between sound frames.
 */
export function recoverSpool(dir: string): Recovery {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const segments: Segment[] = [];
  const holes: Hole[] = [];
  let checkpoint = '';
  let tornBytes = 0;
  let previous: { epoch: number; lastSeq: number; lastMs: number } | undefined;
  for (const name of readdirSync(dir).sort()) {
    const id = parseSegmentName(name);
    if (id === undefined) continue;
    const path = join(dir, name);
    const scan = scanSegment(path, id);
    if (scan.tornBytes > 0) truncateSegment(path, scan.segment.bytes);
    tornBytes += scan.tornBytes;
    if (previous?.epoch === id.epoch && id.firstSeq > previous.lastSeq + 1) {
      const endMs = scan.lastMs || previous.lastMs;
      holes.push({
        fromSeq: previous.lastSeq + 1,
        toSeq: id.firstSeq - 1,
        startMs: previous.lastMs || endMs,
        endMs,
      });
    }
    holes.push(...scan.holes);
    if (scan.checkpoint !== '') checkpoint = scan.checkpoint;
    previous = { epoch: id.epoch, lastSeq: scan.segment.lastSeq, lastMs: scan.lastMs };
    if (scan.segment.bytes === 0) unlinkSync(path);
    else segments.push(scan.segment);
  }
  return { segments, holes, checkpoint, tornBytes };
}
