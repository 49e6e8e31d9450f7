import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureError } from './capture-error.ts';
import { type CaptureOptions, CaptureReader } from './capture-reader.ts';
import { CaptureWriter, sectionBlock } from './capture-writer.ts';
import { sampleCapture } from './sample-capture.ts';

const SAMPLE = sampleCapture();
const WHOLE = join(...SAMPLE);
const EVENT_V2 = 0x216;
const EVENT_FLAGS_V2 = 0x217;

function join(...blocks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(blocks));
}

type Reading = { readonly types: string[]; readonly warnings: string[]; readonly events: number };

function read(bytes: Uint8Array, options: CaptureOptions = {}, chunk = bytes.length): Reading {
  const types: string[] = [];
  const warnings: string[] = [];
  const reader = new CaptureReader({ ...options, onWarning: ({ message }) => warnings.push(message) });
  const see = (event: { type: string; dir: string }) => types.push(event.type + event.dir);
  for (let at = 0; at < bytes.length; at += Math.max(1, chunk))
    reader.push(bytes.subarray(at, at + chunk), see);
  reader.end(see);
  return { types, warnings, events: reader.events };
}

function refusal(bytes: Uint8Array): CaptureError {
  try {
    read(bytes);
  } catch (err) {
    if (err instanceof CaptureError) return err;
    throw err;
  }
  throw new Error('nothing was refused');
}

/** A block around any body. */
function block(type: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body.length + 12 + (-body.length & 3));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, bytes.length, true);
  bytes.set(body, 8);
  view.setUint32(bytes.length - 4, bytes.length, true);
  return bytes;
}

function patched(bytes: Uint8Array, at: number, value: number, size: 1 | 2 | 4 = 4): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  if (size === 4) view.setUint32(at, value, true);
  else if (size === 2) view.setUint16(at, value, true);
  else view.setUint8(at, value);
  return copy;
}

const typeOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);

function sampleOf(type: number): Uint8Array {
  const found = SAMPLE.find((bytes) => typeOf(bytes) === type);
  if (found === undefined) throw new Error(`the sample has no block ${type}`);
  return found;
}

const HEAD = sectionBlock();
const EVENT = sampleOf(EVENT_V2);
const READ = SAMPLE.filter((bytes) => typeOf(bytes) === EVENT_V2)[1] ?? EVENT;

describe('a capture that ends too early', () => {
  it('gives every whole event and one warning, wherever the cut is', () => {
    let ends = 0;
    const boundaries = new Set(SAMPLE.map((bytes) => (ends += bytes.length)));
    const shown = read(WHOLE).types;
    let before = 0;
    for (let cut = 12; cut <= WHOLE.length; cut++) {
      const { types, warnings } = read(WHOLE.subarray(0, cut));
      expect(types).toEqual(shown.slice(0, types.length));
      expect(types.length).toBeGreaterThanOrEqual(before);
      expect(types.length === before || boundaries.has(cut)).toBe(true);
      before = types.length;
      expect(warnings.length).toBe(boundaries.has(cut) ? 0 : 1);
      if (warnings.length > 0) expect(warnings[0]).toMatch(/truncated: it ends \d+ bytes into a block/);
    }
    expect(before).toBe(shown.length);
  });

  it('is no capture when not even the section is there', () => {
    for (let cut = 0; cut < 12; cut++) expect(() => read(WHOLE.subarray(0, cut))).toThrow(CaptureError);
    expect(() => read(new TextEncoder().encode('a text file, not a capture'))).toThrow('no section header');
  });

  it('reads the same in pieces of any size', () => {
    const whole = read(WHOLE);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: WHOLE.length }), (chunk) => {
        expect(read(WHOLE, {}, chunk)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });
});

describe('lengths and counts that lie are refused with their offset', () => {
  const process = sampleOf(0x215);
  const fds = sampleOf(0x218);
  const rows: readonly (readonly [string, Uint8Array, number, RegExp])[] = [
    ['a block shorter than its frame', patched(EVENT, 4, 8), 28, /claims 8 bytes/],
    ['a block of nothing', patched(EVENT, 4, 0), 28, /claims 0 bytes/],
    ['a block of 4 GiB', patched(EVENT, 4, 0xffffffff), 28, /claims 4294967295 bytes/],
    ['two lengths that differ', patched(EVENT, EVENT.length - 4, 40), 28, /two lengths/],
    ['an event without room for its header', block(EVENT_V2, new Uint8Array(12)), 28, /too short/],
    ['more parameters than bytes', patched(READ, 32, 40), 64, /40 parameters/],
    ['more parameters than any event has', patched(READ, 32, 0xffffffff), 64, /4294967295 parameters/],
    ['a parameter longer than its event', patched(READ, 36, 60_000, 2), 64, /exceed their event/],
    ['a process shorter than its length', patched(process, 8, 3), 36, /process entry of 3 bytes/],
    ['a process longer than its block', patched(process, 8, 0x10000), 40, /entry of 65532 bytes/],
    ['a name longer than its process', patched(process, 52, 0xffff, 2), 82, /inside a value of 65535/],
    ['a descriptor shorter than its length', patched(fds, 16, 0), 44, /descriptor entry of 0 bytes/],
    ['a descriptor longer than its block', patched(fds, 16, 0xffffff), 48, /entry of/],
    ['an interface longer than its block', patched(sampleOf(0x219), 8, 0xffff), 40, /entry of 65535/],
    ['an interface of no known type', patched(sampleOf(0x219), 12, 77, 2), 44, /unknown type 77/],
    ['a user of no known kind', patched(sampleOf(0x220), 12, 9, 1), 41, /unknown kind 9/],
    ['machine facts cut short', block(0x201, new Uint8Array(20)), 0, /inside a value/],
  ];

  it.each(rows)('%s', (_name, bytes, offset, message) => {
    const err = refusal(join(HEAD, bytes, EVENT));
    expect(err.message).toMatch(message);
    if (offset > 0) expect(err.offset).toBe(offset);
    expect(err.message).toContain(`at byte ${err.offset}`);
  });

  it('counts offsets over the whole file, not over what is in memory', () => {
    const many = Array.from({ length: 40_000 }, () => READ);
    const err = refusal(join(HEAD, ...many, patched(READ, 4, 0)));
    expect(err.offset).toBe(28 + 40_000 * READ.length);
  });
});

describe('what is unknown', () => {
  it('skips unknown blocks and events', () => {
    const unknown = block(0x777, new Uint8Array(100).fill(255));
    const future = patched(EVENT, 30, 60_000, 2);
    const types = read(join(HEAD, unknown, READ, future, unknown, READ)).types;
    expect(types).toEqual(['read>', 'read>']);
  });

  it('skips what newer versions append to a process', () => {
    const process = sampleOf(0x215);
    const first = new DataView(process.buffer, process.byteOffset).getUint32(8, true);
    const tail = new Uint8Array(24).fill(7);
    const longer = join(process.subarray(8, 8 + first), tail, process.subarray(8 + first, -4));
    const bytes = block(0x215, longer);
    const grown = patched(bytes, 8, first + tail.length);
    expect(read(join(HEAD, grown, READ)).types).toEqual(['read>']);
  });

  it('hides events recorded for the state alone', () => {
    const hidden: Uint8Array[] = [];
    const writer = new CaptureWriter({ sink: (bytes) => hidden.push(bytes.slice()) });
    writer.event({ type: 6, timeNs: 1n, tid: 1, params: [0, 1], stateOnly: true });
    expect(typeOf(hidden[1] ?? HEAD)).toBe(EVENT_FLAGS_V2);
    expect(read(join(...hidden, READ))).toMatchObject({ types: ['read>'], events: 2 });
  });
});

describe('sections', () => {
  it('skips the options of a section header', () => {
    const options = new TextEncoder().encode('\u0001\u0000\u0005\u0000hello\0\0\0\0\0\0\0');
    const header = block(0x0a0d0d0a, join(HEAD.subarray(8, 24), options));
    expect(read(join(header, READ)).types).toEqual(['read>']);
  });

  it('reads several sections after each other', () => {
    const once = read(WHOLE);
    const twice = read(join(WHOLE, WHOLE));
    expect(twice.events).toBe(2 * once.events);
    expect(twice.types.filter((type) => type !== 'container>').length).toBe(2 * once.types.length);
  });

  it('refuses big-endian files, other magic numbers and other major versions', () => {
    expect(() => read(join(patched(HEAD, 8, 0x4d3c2b1a), READ))).toThrow('big-endian');
    expect(() => read(join(patched(HEAD, 8, 0x11111111), READ))).toThrow('wrong magic number');
    expect(() => read(join(patched(HEAD, 12, 2, 2), READ))).toThrow('format version 2.2');
    const swapped = HEAD.slice().reverse();
    expect(() => read(join(swapped, READ))).toThrow(CaptureError);
  });

  it.each([0, 1, 2])('reads format 1.%i', (minor) => {
    const old = block(0x204, join(READ.subarray(8, 32), READ.subarray(36)));
    // The first format does not tell the number of parameters; its events count the bytes without it.
    const length = new DataView(READ.buffer, READ.byteOffset).getUint32(26, true);
    const bytes = minor === 2 ? READ : patched(old, 26, length - 4);
    expect(read(join(sectionBlock(1, minor), bytes)).types).toEqual(['read>']);
  });
});
