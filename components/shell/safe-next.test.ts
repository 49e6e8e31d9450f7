import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeNext } from './safe-next.ts';

describe('safeNext', () => {
  it('keeps paths of this site with their query', () => {
    expect(safeNext('/events?q=proc.name%3Dcat')).toBe('/events?q=proc.name%3Dcat');
  });

  it('refuses other sites, schemes and loops', () => {
    const bad = [
      null,
      '',
      'https://evil.test',
      '//evil.test',
      '/\\evil.test',
      '/\t/evil.test',
      'javascript:alert(1)',
      '/login',
      '/setup',
    ];
    for (const next of bad) expect(safeNext(next)).toBe('/');
  });

  it('never leads off this site', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const base = 'http://here.test';
        expect(new URL(safeNext(text), base).origin).toBe(base);
        expect(new URL(safeNext(`/${text}`), base).origin).toBe(base);
      }),
    );
  });
});
