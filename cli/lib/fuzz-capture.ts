import { CaptureCopier } from '../../core/scap/capture-copy.ts';
import { CaptureError } from '../../core/scap/capture-error.ts';
import type { CaptureEvent } from '../../core/scap/capture-event.ts';
import { CaptureReader } from '../../core/scap/capture-reader.ts';
import type { Random } from './fuzz-random.ts';

/** Blocks of one capture. */
export type CaptureSeed = readonly Uint8Array[];

const ODD = [0, 1, 3, 4, 7, 8, 0x7f, 0x80, 0xff, 0xffff, 0x1_0000, 0x7fffffff, 0x80000000, 0xffffffff];
const FRAME = 12;
const TRUNCATED_ONE_IN = 12;

/** A damaged capture: bits and numbers changed, blocks left out, doubled, moved, resized or another's, the end cut off. */
export function mutateCapture(random: Random, seed: CaptureSeed, others: readonly CaptureSeed[]): Uint8Array {
  const blocks = seed.map((block) => block.slice());
  for (let n = 1 + random.int(4); n > 0; n--) changeBlocks(random, blocks, others);
  const bytes = new Uint8Array(Buffer.concat(blocks));
  if (bytes.length > 0 && random.chance(3)) damage(random, bytes);
  return random.chance(TRUNCATED_ONE_IN) ? bytes.subarray(0, random.int(bytes.length)) : bytes;
}

function changeBlocks(random: Random, blocks: Uint8Array[], others: readonly CaptureSeed[]): void {
  // The first block is the section header: without it nothing else is read.
  const at = random.chance(20) ? 0 : 1 + random.int(blocks.length - 1);
  const block = blocks[at];
  if (block === undefined) return;
  switch (random.int(10)) {
    case 0:
      blocks.splice(at, 1);
      return;
    case 1:
      blocks.splice(1 + random.int(blocks.length), 0, block.slice());
      return;
    case 2:
      blocks.splice(at, 1);
      blocks.splice(1 + random.int(blocks.length), 0, block);
      return;
    case 3:
      blocks.splice(at, 0, random.pick(random.pick(others)).slice());
      return;
    case 4:
      blocks[at] = resized(random, block);
      return;
    default:
      damage(random, block.subarray(8, -4));
  }
}

/** Flips bits or writes odd numbers in place. */
function damage(random: Random, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let n = 1 + random.int(4); n > 0 && bytes.length >= 8; n--) {
    const at = random.int(bytes.length - 3);
    const value = random.chance(3) ? random.int(256) : random.pick(ODD);
    const kind = random.int(4);
    if (kind === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(8));
    else if (kind === 1) bytes[at] = value;
    else if (kind === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
  }
}

/** A block cut or lengthened in the middle whose own lengths are right again. */
function resized(random: Random, block: Uint8Array): Uint8Array {
  const body = block.subarray(8, -4);
  const cut = random.int(body.length + 1);
  const more = random.chance(2)
    ? new Uint8Array(4 * random.int(40)).fill(random.int(256))
    : new Uint8Array(0);
  const to = Math.min(body.length, cut + (random.chance(2) ? random.int(64) : 0));
  const length = cut + more.length + body.length - to + FRAME;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  bytes.set(block.subarray(0, 4));
  view.setUint32(4, length, true);
  bytes.set(body.subarray(0, cut), 8);
  bytes.set(more, 8 + cut);
  bytes.set(body.subarray(to), 8 + cut + more.length);
  view.setUint32(length - 4, length, true);
  return bytes;
}

/** Reads a capture to its end or to the place where it is refused; whether it was read. */
export function readAll(
  bytes: Uint8Array,
  exitOnly: boolean,
  onEvent: (event: CaptureEvent) => void,
): boolean {
  const reader = new CaptureReader({ exitOnly, showInternal: true });
  return refusedOrDone(() => {
    reader.push(bytes, onEvent);
    reader.end(onEvent);
  });
}

/** A copy restricted to some events; undefined when the capture is refused. */
export function copyAll(bytes: Uint8Array, keepOneIn: number): Uint8Array | undefined {
  const blocks: Uint8Array[] = [];
  let n = 0;
  const copier = new CaptureCopier({
    accepts: keepOneIn === 0 ? undefined : () => n++ % keepOneIn === 0,
    sink: (block) => blocks.push(block.slice()),
  });
  const done = refusedOrDone(() => {
    copier.push(bytes);
    copier.end();
  });
  return done ? new Uint8Array(Buffer.concat(blocks)) : undefined;
}

function refusedOrDone(read: () => void): boolean {
  try {
    read();
    return true;
  } catch (err) {
    if (!(err instanceof CaptureError) || !Number.isSafeInteger(err.offset)) throw err;
    return false;
  }
}
