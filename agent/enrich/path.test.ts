import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolvePath } from './path.ts';

test.each([
  ['/etc/passwd', '/x', '/etc/passwd'],
  ['passwd', '/etc', '/etc/passwd'],
  ['./a', '/etc', '/etc/a'],
  ['../a', '/etc', '/a'],
  ['../../../a', '/etc', '/a'],
  ['a//b/./c/', '/', '/a/b/c'],
  ['/..', '/x', '/'],
  ['.hidden', '/home', '/home/.hidden'],
  ['...', '/home', '/home/...'],
])('resolves %s in %s to %s', (path, base, absolute) => {
  expect(resolvePath(path, base)).toBe(absolute);
});

test('gives an absolute path without dots for any input', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (path, base) => {
      const result = resolvePath(path, `/${base}`);
      expect(result.startsWith('/')).toBe(true);
      expect(result.split('/').slice(1)).not.toContain('..');
      expect(resolvePath(result, '/elsewhere')).toBe(result);
    }),
  );
});
