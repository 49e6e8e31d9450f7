import { describe, expect, it } from 'vitest';
import { visibleText } from './visible-text.ts';

describe('visibleText', () => {
  it('writes direction marks, zero-width marks and controls as escapes, at every depth', () => {
    const hostile = { 'a\u200b': ['safe\u202egnp.exe', { b: '\u001b[31mred\u0007' }] };
    expect(visibleText(hostile)).toEqual({
      'a\\u200b': ['safe\\u202egnp.exe', { b: '\\u001b[31mred\\u0007' }],
    });
  });

  it('leaves line ends, tabs, other scripts and other values alone', () => {
    const value = { text: 'a\n\tb <b> שלום', n: 1, none: null, yes: true };
    expect(visibleText(value)).toEqual(value);
  });
});
