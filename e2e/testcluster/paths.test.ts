import { expect, test } from 'vitest';
import { clusterLayout } from './paths.ts';

test('gives two clusters nothing in common', () => {
  const [one, two] = [clusterLayout({ name: 'one' }), clusterLayout({ name: 'two' })];
  const shared = Object.entries(one).filter(([key, value]) => value === two[key as keyof typeof two]);
  expect(shared).toEqual([['nodeName', 'node1']]);
});

test.each(['', 'Upper', '../x', 'a b', 'x'.repeat(17)])('refuses the name "%s"', (name) => {
  expect(() => clusterLayout({ name })).toThrow(/must match/);
});

test.each([`/tmp/${'x'.repeat(80)}`, '/tmp/with blank', '/tmp/quo"te'])(
  'refuses the run directory %s',
  (runDir) => {
    expect(() => clusterLayout({ runDir })).toThrow(/run directory/);
  },
);
