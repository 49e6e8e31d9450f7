import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dnsQueryName } from './dns.ts';

function query(labels: readonly string[], { flags = 0x01, questions = 1 } = {}): Buffer {
  const name = labels.flatMap((label) => [label.length, ...Buffer.from(label, 'latin1')]);
  return Buffer.from([0x12, 0x34, flags, 0, 0, questions, 0, 0, 0, 0, 0, 0, ...name, 0, 0, 1, 0, 1]);
}

test('reads the name of a query in lower case', () => {
  expect(dnsQueryName(query(['Pool', 'example', 'ORG']))).toBe('pool.example.org');
  expect(dnsQueryName(query([]))).toBe('.');
});

test('escapes what no host name has, dots included', () => {
  expect(dnsQueryName(query(['a.b', '\u0000\n']))).toBe('a\\046b.\\000\\010');
});

test('takes neither answers nor several questions nor a cut message', () => {
  expect(dnsQueryName(query(['a'], { flags: 0x81 }))).toBeUndefined();
  expect(dnsQueryName(query(['a'], { questions: 2 }))).toBeUndefined();
  const whole = query(['abc', 'de']);
  for (let length = 0; length < whole.length; length++)
    expect(dnsQueryName(whole.subarray(0, length))).toBeUndefined();
});

test('follows no compression pointer', () => {
  const message = query(['a']);
  message.set([0xc0, 0x0c], 12);
  expect(dnsQueryName(message)).toBeUndefined();
});

test('never throws and gives only printable text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(dnsQueryName(bytes) ?? '.').toMatch(/^[\x21-\x7e]+$/);
    }),
  );
});
