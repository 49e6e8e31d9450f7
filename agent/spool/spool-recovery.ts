import { mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parseSegmentName, type Segment, scanSegment, truncateSegment } from './segment.ts';

export type Recovery = {
  /** Oldest first: by epoch, then by sequence number. */
  readonly segments: Segment[];
  readonly checkpoint: string;
  readonly tornBytes: number;
};

/** Reads what a former run left in the spool directory, and removes torn tails and empty files. */
export function recoverSpool(dir: string): Recovery {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const segments: Segment[] = [];
  let checkpoint = '';
  let tornBytes = 0;
  for (const name of readdirSync(dir).sort()) {
    const id = parseSegmentName(name);
    if (id === undefined) continue;
    const path = join(dir, name);
    const scan = scanSegment(path, id);
    tornBytes += scan.tornBytes;
    if (scan.checkpoint !== '') checkpoint = scan.checkpoint;
    if (scan.segment.bytes === 0) {
      unlinkSync(path);
      continue;
    }
    if (scan.tornBytes > 0) truncateSegment(path, scan.segment.bytes);
    segments.push(scan.segment);
  }
  return { segments, checkpoint, tornBytes };
}
