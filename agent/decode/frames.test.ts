import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameSplitter } from './frames.ts';
import { FRAME_BYTES_MAX, HEADER, MAGIC } from './layout.ts';

/** A frame whose payload has the magic, then `body`. */
function frame(body: Uint8Array): Buffer {
  const payload = Buffer.alloc(Math.max(HEADER.size, HEADER.size + body.length));
  payload.writeUInt32LE(MAGIC, 0);
  payload.set(body, HEADER.size);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(payload.length);
  return Buffer.concat([length, payload]);
}

function split(chunks: readonly Buffer[]) {
  const seen: Buffer[] = [];
  const splitter = new FrameSplitter((payload) => seen.push(Buffer.from(payload)));
  for (const chunk of chunks) splitter.push(chunk);
  return { seen, counters: splitter.counters };
}

function cut(data: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(data.subarray(at, at + size));
    at += size;
  }
  return [...chunks, data.subarray(at)];
}

test('gives back every frame, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }),
      fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 60 }),
      (bodies, sizes) => {
        const frames = bodies.map(frame);
        const { seen, counters } = split(cut(Buffer.concat(frames), sizes));
        expect(seen.map((p) => p.toString('hex'))).toEqual(frames.map((f) => f.subarray(4).toString('hex')));
        expect(counters).toEqual({ frames: bodies.length, oversize: 0, skippedBytes: 0 });
      },
    ),
  );
});

test('skips an oversize frame and finds the next one', () => {
  const huge = Buffer.alloc(8);
  huge.writeUInt32LE(FRAME_BYTES_MAX + 1);
  huge.writeUInt32LE(MAGIC, 4);
  const good = frame(Buffer.from('after'));
  const { seen, counters } = split([Buffer.concat([good, huge, good])]);
  expect(seen).toHaveLength(2);
  expect(counters).toEqual({ frames: 2, oversize: 1, skippedBytes: 8 });
});

test('finds its way back after damage anywhere', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 500 }), (noise) => {
      fc.pre(!Buffer.from(noise).includes(Buffer.from('EYR1')));
      const tail = Array.from({ length: 3 }, (_, i) => frame(Buffer.from([i])));
      const { seen } = split([Buffer.from(noise), ...tail]);
      expect(seen).toHaveLength(3);
    }),
  );
});

test('never holds more than one frame, whatever arrives', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 2_000 }), { maxLength: 50 }), (chunks) => {
      let bytes = 0;
      const splitter = new FrameSplitter((payload) => {
        bytes += payload.length + 4;
      });
      let pushed = 0;
      for (const chunk of chunks) {
        splitter.push(Buffer.from(chunk));
        pushed += chunk.length;
        const held = pushed - bytes - splitter.counters.skippedBytes;
        expect(held).toBeLessThanOrEqual(FRAME_BYTES_MAX + 4);
      }
    }),
  );
});
