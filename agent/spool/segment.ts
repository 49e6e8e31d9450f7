import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { decodeFrame, FRAME_HEADER_BYTES, FRAME_PAYLOAD_BYTES_MAX, type Frame, findFrame } from './frame.ts';

/** One file of the spool; `lastSeq` is `firstSeq - 1` while it holds no item. */
export type Segment = {
  readonly epoch: number;
  readonly firstSeq: number;
  readonly path: string;
  lastSeq: number;
  bytes: number;
};

export type SegmentScan = {
  readonly segment: Segment;
  /** The newest checkpoint in the file. */
  readonly checkpoint: string;
  readonly tornBytes: number;
};

const NAME = /^(\d{10})-(\d{15})\.seg$/;

export function segmentPath(dir: string, epoch: number, firstSeq: number): string {
  return join(dir, `${String(epoch).padStart(10, '0')}-${String(firstSeq).padStart(15, '0')}.seg`);
}

export function parseSegmentName(name: string): { epoch: number; firstSeq: number } | undefined {
  const match = NAME.exec(name);
  return match === null ? undefined : { epoch: Number(match[1]), firstSeq: Number(match[2]) };
}

/**
 * Reads a segment after a restart. Damage between sound frames is stepped over; bytes after the last sound
 * frame are a write that never finished and count as torn.
 */
export function scanSegment(path: string, id: { epoch: number; firstSeq: number }): SegmentScan {
  const bytes = readFileSync(path);
  let checkpoint = '';
  let lastSeq = id.firstSeq - 1;
  let offset = 0;
  for (;;) {
    const start = decodeFrame(bytes, offset).ok ? offset : findFrame(bytes, offset);
    const read = start === undefined ? undefined : decodeFrame(bytes, start);
    if (!read?.ok) break;
    if (read.frame.checkpoint !== '') checkpoint = read.frame.checkpoint;
    lastSeq = read.frame.firstSeq + read.frame.count - 1;
    offset = read.end;
  }
  return {
    segment: { ...id, path, lastSeq, bytes: offset },
    checkpoint,
    tornBytes: bytes.length - offset,
  };
}

/** Cuts a torn tail off, durably, so that the next append starts on a sound frame. */
export function truncateSegment(path: string, bytes: number): void {
  const fd = openSync(path, 'r+');
  try {
    ftruncateSync(fd, bytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Every sound frame of a segment from `offset` on, up to its known size; damage is stepped over. */
export function* readFrames(segment: Segment, offset: number): Generator<{ frame: Frame; end: number }> {
  const fd = openSync(segment.path, 'r');
  try {
    let at = offset;
    while (at < segment.bytes) {
      const bytes = readFrameBytes(fd, at, segment.bytes);
      const read = decodeFrame(bytes, 0);
      if (read.ok) {
        at += read.end;
        yield { frame: read.frame, end: at };
        continue;
      }
      const rest = readRange(fd, at, segment.bytes - at);
      const next = findFrame(rest, 1);
      if (next === undefined) return;
      at += next;
    }
  } finally {
    closeSync(fd);
  }
}

function readFrameBytes(fd: number, at: number, end: number): Buffer {
  const header = readRange(fd, at, Math.min(FRAME_HEADER_BYTES, end - at));
  if (header.length < FRAME_HEADER_BYTES) return header;
  const payload = Math.min(header.readUInt32LE(4), FRAME_PAYLOAD_BYTES_MAX, end - at - FRAME_HEADER_BYTES);
  return readRange(fd, at, FRAME_HEADER_BYTES + payload);
}

function readRange(fd: number, at: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const read = readSync(fd, bytes, filled, length - filled, at + filled);
    if (read === 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}
