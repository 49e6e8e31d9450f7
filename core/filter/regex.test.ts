import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globMatcher } from '../fields/glob.ts';
import { pathMatcher } from './path-match.ts';
import { compileRegex } from './regex.ts';

function matches(pattern: string, text: string): boolean {
  const regex = compileRegex(pattern);
  if (typeof regex === 'string') throw new Error(regex);
  return regex.test(text);
}

describe('regex', () => {
  it('matches the whole string only', () => {
    expect(matches('a+', 'aaa')).toBe(true);
    expect(matches('a+', 'aaab')).toBe(false);
  });

  it('gives the verdict of the platform for patterns that both understand', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', 'é', '(a|bc)', '(ab)', '^', '$');
    const quantified = fc
      .tuple(atom, fc.constantFrom('', '*', '+', '?', '{2}', '{1,3}'))
      .map(([a, q]) => (/^[\^$]$/.test(a) ? a : a + q));
    const pattern = fc
      .array(fc.oneof({ weight: 5, arbitrary: quantified }, { weight: 1, arbitrary: fc.constant('|') }), {
        maxLength: 6,
      })
      .map((p) => p.join(''));
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', '1', ' ', 'é', '\n'), { maxLength: 8 })
      .map((t) => t.join(''));
    fc.assert(
      fc.property(pattern, text, (p, t) => {
        expect(matches(p, t)).toBe(new RegExp(`(?<![^])(?:${p})(?![^])`, 'mu').test(t));
      }),
      { numRuns: 3_000 },
    );
  });

  it('is not slow on patterns that make backtracking explode', () => {
    const started = performance.now();
    expect(matches('(a*)*(a*)*(a|a)*b', 'a'.repeat(5_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it.each([
    ['a(?=b)', 'no argument for repetition operator: ?'],
    ['(?:a)', 'no argument for repetition operator: ?'],
    ['*a', 'no argument for repetition operator: *'],
    ['{2}', 'no argument for repetition operator: {2}'],
    ['\\d+', 'invalid escape sequence: \\d'],
    ['[\\w]', 'invalid escape sequence: \\w'],
    ['(a)\\1', 'invalid escape sequence: \\1'],
    ['\\pL', 'invalid escape sequence: \\p'],
    ['\\xzz', 'invalid escape sequence: \\xzz'],
    ['a{2000}', 'invalid repetition size: {2000}'],
    ['a{2,1}', 'invalid repetition size: {2,1}'],
    ['((a{500}){500})', 'invalid repetition size: {500}'],
    ['[z-a]', 'invalid character class range: z-a'],
    ['[a-c-e]', 'invalid character class range: -e'],
    ['[[:foo:]]', 'invalid character class range: [:foo:]'],
    ['x[ab', 'missing ]: [ab'],
    ['(a', 'missing ): (a'],
    ['a)', 'unexpected ): a)'],
    ['\\', 'trailing \\'],
    ['(a{1000})(b{1000})(c{1000})(d{1000})(e{1000})(f{1000})', 'pattern too large - compile failed'],
  ])('refuses %s as RE2 does in POSIX mode', (pattern, message) => {
    expect(compileRegex(pattern)).toBe(`invalid regex pattern: ${message}`);
  });

  it.each([
    ['a+?', '', true],
    ['a**', 'aaa', true],
    ['[[:digit:]]+', '42', true],
    ['\\x41\\102', 'AB', true],
    ['a{,2}', 'a{,2}', true],
    ['[]a-]+', ']-a', true],
    ['a$\n^b', 'a\nb', true],
    ['.*', 'a\nb', false],
  ])('%s on %j is %s', (pattern, text, verdict) => {
    expect(matches(pattern, text)).toBe(verdict);
  });
});

describe('glob', () => {
  it.each([
    ['/etc/*', '/etc/a/b', true],
    ['*.log', 'x.log', true],
    ['?at', 'cat', true],
    ['[!c]at', 'cat', false],
    ['[a-c]at', 'cat', true],
    ['\\*', '*', true],
    ['c[', 'c[', true],
    ['?', '😀', true],
    ['a*b*c', 'aXbYc', true],
    ['', '', true],
  ])('%s on %s is %s', (pattern, text, verdict) => {
    expect(globMatcher(pattern)(text)).toBe(verdict);
  });
});

describe('pmatch', () => {
  it('matches whole components at and below the path', () => {
    const match = pathMatcher(['/etc', '/usr/*/bin/']);
    expect(match('/etc')).toBe(true);
    expect(match('/etc/shadow')).toBe(true);
    expect(match('/etcetera')).toBe(false);
    expect(match('/usr/local/bin/x')).toBe(true);
    expect(match('/usr/local')).toBe(false);
  });
});
