import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldOf, readMessage, textMapOf, textOf, writeText } from './protobuf.ts';

const MIB = 1024 * 1024;
const fieldNumber = fc.integer({ min: 1, max: 0x1fff_ffff });
/** Every code point; lone surrogates are no text that UTF-8 could carry. */
const text = fc.string({ unit: 'binary', maxLength: 300 });

const join = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);

function entry(number: number, key: string, value: string): Uint8Array {
  const body = join(writeText(1, key), writeText(2, value));
  // An empty text less its length is the tag; the tests' entries stay below 128 bytes.
  return join(writeText(number, '').subarray(0, -1), Uint8Array.of(body.length), body);
}

test('reads back every text it writes, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fieldNumber, text), { maxLength: 20 }), (fields) => {
      const read = readMessage(join(...fields.map(([number, value]) => writeText(number, value))));
      expect(read?.map((field) => [field.number, textOf([field], field.number, 600) ?? ''])).toEqual(fields);
    }),
  );
});

test('never throws on arbitrary bytes and never leaves the message', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_048 }), fieldNumber, (bytes, number) => {
      const fields = readMessage(bytes);
      for (const field of fields ?? []) {
        expect(field.bytes.buffer).toBe(bytes.buffer);
        expect(field.bytes.byteOffset + field.bytes.length).toBeLessThanOrEqual(
          bytes.byteOffset + bytes.length,
        );
        expect((textOf(fields, field.number, 16) ?? '').length).toBeLessThanOrEqual(16);
        textMapOf(fields, field.number, 16);
      }
      fieldOf(fields, number);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['empty fields', (at: number) => (at % 2 === 0 ? 0x0a : 0)],
  ['endless varints', () => 0xff],
  ['zeros', () => 0],
])('is through with a mebibyte of %s within a second', (_, byteAt) => {
  const bytes = Uint8Array.from({ length: MIB }, (_, at) => byteAt(at));
  const startMs = performance.now();
  expect(readMessage(bytes)).toBeUndefined();
  expect(performance.now() - startMs).toBeLessThan(1_000);
});

test('is through with a mebibyte of map entries within a second', () => {
  const empties = Uint8Array.from({ length: 248 }, (_, at) => (at % 2 === 0 ? 0x0a : 0));
  const one = join(Uint8Array.of(0x62, 0xf8, 0x01), empties);
  const bytes = join(...Array.from({ length: 4_096 }, () => one));
  const startMs = performance.now();
  expect(textMapOf(readMessage(bytes), 12, 512).size).toBe(0);
  expect(performance.now() - startMs).toBeLessThan(1_000);
});

test.each([
  ['a tag cut short', [0x80]],
  ['a varint of more than ten bytes', [0x08, ...Array<number>(10).fill(0x80), 0x01]],
  ['field number 0', [0x02, 0x00]],
  ['a length past the end', [0x0a, 0x02, 0x41]],
  ['a length of 2^63', [0x0a, ...Array<number>(9).fill(0x80), 0x01]],
  ['a 64-bit number cut short', [0x09, 0, 0, 0]],
  ['a 32-bit number cut short', [0x0d, 0, 0, 0]],
  ['a group', [0x0b, 0x0c]],
])('refuses %s', (_, bytes) => {
  expect(readMessage(Uint8Array.from(bytes))).toBeUndefined();
});

test('passes over numbers of every size', () => {
  const numbers = [0x08, 0xff, 0x01, 0x11, ...Array<number>(8).fill(1), 0x1d, ...Array<number>(4).fill(1)];
  const fields = readMessage(join(Uint8Array.from(numbers), writeText(4, 'after')));
  expect(fields).toHaveLength(1);
  expect(textOf(fields, 4, 10)).toBe('after');
});

test('reads 4,096 fields and refuses one more', () => {
  const one = writeText(1, '');
  expect(readMessage(join(...Array<Uint8Array>(4_096).fill(one)))).toHaveLength(4_096);
  expect(readMessage(join(...Array<Uint8Array>(4_097).fill(one)))).toBeUndefined();
});

test('takes the last of a repeated field and tells an empty one as absent', () => {
  const fields = readMessage(join(writeText(1, 'first'), writeText(1, 'last'), writeText(2, '')));
  expect(textOf(fields, 1, 10)).toBe('last');
  expect(textOf(fields, 2, 10)).toBeUndefined();
});

test('cuts a text to its limit without leaving half a character', () => {
  const fields = readMessage(writeText(1, '🦅'.repeat(5)));
  expect(textOf(fields, 1, 4)).toBe('🦅🦅');
  expect(textOf(fields, 1, 3)).toBe('🦅\ufffd');
});

test('keeps a byte order mark, which is a character like any other here', () => {
  expect(textOf(readMessage(writeText(1, '\ufeffapi')), 1, 10)).toBe('\ufeffapi');
});

test('leaves a malformed map entry out and keeps the others', () => {
  const bad = Uint8Array.of(0x62, 0x01, 0xff);
  const fields = readMessage(join(entry(12, 'a', '1'), bad, entry(12, 'b', ''), entry(11, 'c', '3')));
  expect([...textMapOf(fields, 12, 64)]).toEqual([
    ['a', '1'],
    ['b', ''],
  ]);
});
