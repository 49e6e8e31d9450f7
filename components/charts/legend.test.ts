import { describe, expect, it } from 'vitest';
import { nextHidden } from './legend.tsx';

const keys = ['a', 'b', 'c'];

describe('nextHidden', () => {
  it('isolates on click and shows all on the second click', () => {
    const once = nextHidden({ keys, hidden: new Set(), key: 'a', toggle: false });
    expect([...once]).toEqual(['b', 'c']);
    expect(nextHidden({ keys, hidden: once, key: 'a', toggle: false }).size).toBe(0);
  });

  it('toggles one series with Shift', () => {
    const without = nextHidden({ keys, hidden: new Set(), key: 'b', toggle: true });
    expect([...without]).toEqual(['b']);
    expect(nextHidden({ keys, hidden: without, key: 'b', toggle: true }).size).toBe(0);
  });

  it('shows all rather than nothing', () => {
    expect(nextHidden({ keys, hidden: new Set(['a', 'b']), key: 'c', toggle: true }).size).toBe(0);
  });
});
