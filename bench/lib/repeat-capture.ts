import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

const EVENT_BLOCKS = new Set([0x204, 0x216, 0x208, 0x217, 0x221, 0x222]);
const FLAGGED_BLOCKS = new Set([0x208, 0x217, 0x222]);
const NS_PER_MS = 1_000_000n;
/** Times outside of 2006 to 2116 are placeholders. */
const [TIME_MIN, TIME_MAX] = [1n << 60n, 1n << 62n];

/**
 * Writes the capture with its events repeated `times` times, each round later than the one before; the lists
 * of processes and descriptors stand once. Returns the number of events.
 */
export function repeatCapture(source: string, target: string, times: number): number {
  const bytes = readFileSync(source);
  const stamps: number[] = [];
  let [first, end] = [-1, 0];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const [type, length] = [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
    if (EVENT_BLOCKS.has(type)) {
      if (first < 0) first = at;
      stamps.push(at + (FLAGGED_BLOCKS.has(type) ? 14 : 10));
      end = at + length;
    }
    at += length;
  }
  const timed = stamps.filter((at) => isTime(bytes.readBigUInt64LE(at)));
  const times64 = timed.map((at) => bytes.readBigUInt64LE(at)).sort((a, b) => (a < b ? -1 : 1));
  const span = (times64.at(-1) ?? 0n) - (times64[0] ?? 0n) + NS_PER_MS;
  const body = Buffer.from(bytes.subarray(first, end));
  const file = openSync(target, 'w');
  try {
    writeSync(file, bytes.subarray(0, first));
    for (let round = 0; round < times; round += 1) {
      if (round > 0)
        for (const at of timed) body.writeBigUInt64LE(body.readBigUInt64LE(at - first) + span, at - first);
      writeSync(file, body);
    }
  } finally {
    closeSync(file);
  }
  return stamps.length * times;
}

function isTime(time: bigint): boolean {
  return time > TIME_MIN && time < TIME_MAX;
}
