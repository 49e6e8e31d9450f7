import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/**
 * One durable step of the spool: a run of items and the source positions that go with them, under one
 * checksum, so that neither exists without the other.
 * Shape (little endian): magic u32, payload bytes u32, crc32 u32 over everything after it, item count u32,
 * first sequence number u64, checkpoint bytes u32, then the checkpoint JSON and the
 * items, each a JSON line ending in a newline. Under the second magic the items are one zstd frame.
 */
export type Frame = {
  readonly firstSeq: number;
  readonly count: number;
  /** JSON text; empty when the frame moves no source. */
  readonly checkpoint: string;
  /** The items as they go on the wire; unpacked each time it is asked for. */
  readonly lines: Buffer;
};

export type DecodedFrame =
  | { readonly ok: true; readonly frame: Frame; readonly end: number }
  | { readonly ok: false; readonly reason: 'short' | 'corrupt' };

const MAGIC = 0x31535945; // EYS1
const MAGIC_PACKED = 0x32535945; // EYS2
const MAGIC_BEGIN = Buffer.from('EYS');
const CRC_FROM = 12;
export const FRAME_HEADER_BYTES = 28;
/** 1,000 items of a wire line at most stay below this; a longer claim is damage, not data. */
export const FRAME_PAYLOAD_BYTES_MAX = 8 * 1024 * 1024;

/** Below this, packing saves little. */
const PACKED_FROM_BYTES = 1_024;
/** The fastest: it runs on the thread that reads the sensor. Alerts of 4.4 KB shrink to a tenth or less. */
const PACK = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** pack: worth its time where items will lie on disk for long. */
export function encodeFrame(
  frame: Omit<Frame, 'lines'> & { readonly lines: string; readonly pack?: boolean },
): Buffer {
  const plain = Buffer.from(frame.lines);
  const isPacked = frame.pack === true && plain.length >= PACKED_FROM_BYTES;
  const lines = isPacked ? zstdCompressSync(plain, PACK) : plain;
  const checkpointBytes = Buffer.byteLength(frame.checkpoint);
  const payloadBytes = checkpointBytes + lines.length;
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payloadBytes);
  bytes.writeUInt32LE(isPacked ? MAGIC_PACKED : MAGIC, 0);
  bytes.writeUInt32LE(payloadBytes, 4);
  bytes.writeUInt32LE(frame.count, 12);
  bytes.writeBigUInt64LE(BigInt(frame.firstSeq), 16);
  bytes.writeUInt32LE(checkpointBytes, 24);
  bytes.write(frame.checkpoint, FRAME_HEADER_BYTES);
  lines.copy(bytes, FRAME_HEADER_BYTES + checkpointBytes);
  bytes.writeUInt32LE(crc32(bytes.subarray(CRC_FROM)), 8);
  return bytes;
}

/**
 * Reads the frame at `offset`.
 * Errors: { ok: false } with `short` when the bytes end first, `corrupt` when they are no frame.
 */
export function decodeFrame(bytes: Buffer, offset: number): DecodedFrame {
  if (bytes.length - offset < FRAME_HEADER_BYTES) return { ok: false, reason: 'short' };
  const magic = bytes.readUInt32LE(offset);
  if (magic !== MAGIC && magic !== MAGIC_PACKED) return { ok: false, reason: 'corrupt' };
  const payloadBytes = bytes.readUInt32LE(offset + 4);
  if (payloadBytes > FRAME_PAYLOAD_BYTES_MAX) return { ok: false, reason: 'corrupt' };
  const end = offset + FRAME_HEADER_BYTES + payloadBytes;
  if (end > bytes.length) return { ok: false, reason: 'short' };
  if (crc32(bytes.subarray(offset + CRC_FROM, end)) !== bytes.readUInt32LE(offset + 8)) {
    return { ok: false, reason: 'corrupt' };
  }
  const payload = offset + FRAME_HEADER_BYTES;
  const checkpointEnd = payload + bytes.readUInt32LE(offset + 24);
  const stored = bytes.subarray(checkpointEnd, end);
  return {
    ok: true,
    end,
    frame: {
      firstSeq: Number(bytes.readBigUInt64LE(offset + 16)),
      count: bytes.readUInt32LE(offset + 12),
      checkpoint: bytes.toString('utf8', payload, checkpointEnd),
      get lines() {
        return magic === MAGIC
          ? stored
          : zstdDecompressSync(stored, { maxOutputLength: FRAME_PAYLOAD_BYTES_MAX });
      },
    },
  };
}

/** Where the next sound frame begins after damage at `offset`; undefined when none follows. */
export function findFrame(bytes: Buffer, offset: number): number | undefined {
  for (let at = bytes.indexOf(MAGIC_BEGIN, offset); at >= 0; at = bytes.indexOf(MAGIC_BEGIN, at + 1)) {
    if (decodeFrame(bytes, at).ok) return at;
  }
  return undefined;
}
