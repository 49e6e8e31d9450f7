import { expect, test } from 'vitest';
import { HeapTrim } from './heap-trim.ts';

const MIB = 1024 * 1024;

test('collects once after a load, and once a minute while the process is large', () => {
  let [collected, resident] = [0, 60 * MIB];
  const trim = new HeapTrim(
    () => collected++,
    () => resident,
  );
  const until = (from: number, to: number) => {
    for (let ms = from; ms < to; ms += 1_000) trim.tick(ms);
    return collected;
  };
  trim.loaded(0);
  expect(until(0, 5_000)).toBe(0);
  expect(until(5_000, 200_000)).toBe(1);
  resident = 140 * MIB;
  expect(until(200_000, 320_000)).toBe(3);
  resident = 60 * MIB;
  expect(until(320_000, 600_000)).toBe(3);
});

test('is nothing where node has no way to collect', () => {
  const trim = new HeapTrim(undefined, () => 500 * MIB);
  trim.loaded(0);
  expect(() => trim.tick(10_000)).not.toThrow();
});
