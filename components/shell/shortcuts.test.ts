import { describe, expect, it } from 'vitest';
import { comboOf } from './shortcuts.ts';

const key = (
  name: string,
  modifiers: Partial<Record<'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey', true>> = {},
) => comboOf({ key: name, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...modifiers });

describe('comboOf', () => {
  it('treats Control and Command as one modifier', () => {
    expect(key('k', { ctrlKey: true })).toBe('mod+k');
    expect(key('k', { metaKey: true })).toBe('mod+k');
  });

  it('keeps Shift for letters and named keys only, since signs already contain it', () => {
    expect(key('D', { shiftKey: true })).toBe('shift+d');
    expect(key('?', { shiftKey: true })).toBe('?');
    expect(key('Enter', { shiftKey: true })).toBe('shift+enter');
  });

  it('names the space bar', () => {
    expect(key(' ')).toBe('space');
  });
});
