import { crc32 } from 'node:zlib';

/**
 * One durable step of the spool: a run of items and the source positions that go with them, under one
 * checksum, so that neither exists without the other.
 * Shape (little endian): magic u32, payload bytes u32, crc32 u32 over everything after it, item count u32,
 * first sequence number u64, checkpoint bytes u32, then the checkpoint JSON and the
 * items, each a JSON line ending in a newline.
 */
export type Frame = {
  readonly firstSeq: number;
  readonly count: number;
  /** JSON text; empty when the frame moves no source. */
  readonly checkpoint: string;
  /** The items as they go on the wire. */
  readonly lines: Buffer;
};

export type DecodedFrame =
  | { readonly ok: true; readonly frame: Frame; readonly end: number }
  | { readonly ok: false; readonly reason: 'short' | 'corrupt' };

const MAGIC = 0x31535945;
const MAGIC_BYTES = Buffer.from([0x45, 0x59, 0x53, 0x31]);
const CRC_FROM = 12;
export const FRAME_HEADER_BYTES = 28;
/** 1,000 items of a wire line at most stay below this; a longer claim is damage, not data. */
export const FRAME_PAYLOAD_BYTES_MAX = 8 * 1024 * 1024;

export function encodeFrame(frame: Omit<Frame, 'lines'> & { readonly lines: string }): Buffer {
  const checkpointBytes = Buffer.byteLength(frame.checkpoint);
  const payloadBytes = checkpointBytes + Buffer.byteLength(frame.lines);
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payloadBytes);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes.writeUInt32LE(payloadBytes, 4);
  bytes.writeUInt32LE(frame.count, 12);
  bytes.writeBigUInt64LE(BigInt(frame.firstSeq), 16);
  bytes.writeUInt32LE(checkpointBytes, 24);
  bytes.write(frame.checkpoint, FRAME_HEADER_BYTES);
  bytes.write(frame.lines, FRAME_HEADER_BYTES + checkpointBytes);
  bytes.writeUInt32LE(crc32(bytes.subarray(CRC_FROM)), 8);
  return bytes;
}

/**
 * Reads the frame at `offset`.
 * Errors: { ok: false } with `short` when the bytes end first, `corrupt` when they are no frame.
 */
export function decodeFrame(bytes: Buffer, offset: number): DecodedFrame {
  if (bytes.length - offset < FRAME_HEADER_BYTES) return { ok: false, reason: 'short' };
  if (bytes.readUInt32LE(offset) !== MAGIC) return { ok: false, reason: 'corrupt' };
  const payloadBytes = bytes.readUInt32LE(offset + 4);
  if (payloadBytes > FRAME_PAYLOAD_BYTES_MAX) return { ok: false, reason: 'corrupt' };
  const end = offset + FRAME_HEADER_BYTES + payloadBytes;
  if (end > bytes.length) return { ok: false, reason: 'short' };
  if (crc32(bytes.subarray(offset + CRC_FROM, end)) !== bytes.readUInt32LE(offset + 8)) {
    return { ok: false, reason: 'corrupt' };
  }
  const payload = offset + FRAME_HEADER_BYTES;
  const checkpointEnd = payload + bytes.readUInt32LE(offset + 24);
  return {
    ok: true,
    end,
    frame: {
      firstSeq: Number(bytes.readBigUInt64LE(offset + 16)),
      count: bytes.readUInt32LE(offset + 12),
      checkpoint: bytes.toString('utf8', payload, checkpointEnd),
      lines: bytes.subarray(checkpointEnd, end),
    },
  };
}

/** Where the next sound frame begins after damage at `offset`; undefined when none follows. */
export function findFrame(bytes: Buffer, offset: number): number | undefined {
  for (let at = bytes.indexOf(MAGIC_BYTES, offset); at >= 0; at = bytes.indexOf(MAGIC_BYTES, at + 1)) {
    if (decodeFrame(bytes, at).ok) return at;
  }
  return undefined;
}
