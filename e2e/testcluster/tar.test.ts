import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { type TarEntry, tar } from './tar.ts';

const ENTRIES: readonly TarEntry[] = [
  { kind: 'directory', path: 'bin' },
  { kind: 'file', path: 'bin/tool', data: Buffer.from('x'.repeat(513)), mode: 0o755 },
  { kind: 'symlink', path: 'bin/sh', target: '/bin/tool' },
  { kind: 'file', path: 'empty', data: Buffer.alloc(0) },
];

test('writes what tar(1) reads: names, modes, sizes, links', () => {
  const listing = execFileSync('tar', ['-tvf', '-'], {
    input: tar(ENTRIES),
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
  });
  const lines = listing
    .trim()
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' '));
  expect(lines).toEqual([
    'drwxr-xr-x 0/0 0 1970-01-01 00:00 bin/',
    '-rwxr-xr-x 0/0 513 1970-01-01 00:00 bin/tool',
    'lrwxrwxrwx 0/0 0 1970-01-01 00:00 bin/sh -> /bin/tool',
    '-rw-r--r-- 0/0 0 1970-01-01 00:00 empty',
  ]);
});

test('gives the content back unchanged', () => {
  const content = execFileSync('tar', ['-xOf', '-', 'bin/tool'], { input: tar(ENTRIES), encoding: 'utf8' });
  expect(content).toBe('x'.repeat(513));
});

test('is a multiple of the block and the same for the same entries', () => {
  expect(tar(ENTRIES).length % 512).toBe(0);
  expect(tar(ENTRIES).equals(tar(ENTRIES))).toBe(true);
});

test('refuses a name that would be cut off', () => {
  expect(() => tar([{ kind: 'directory', path: 'x'.repeat(100) }])).toThrow(/does not fit/);
});
