import { describe, expect, it } from 'vitest';
import { loadRules } from './load.ts';
import { type SelectionStep, selectRules } from './selection.ts';

const rule = (name: string, priority: string, tags: string, more = ''): string =>
  `- rule: ${JSON.stringify(name)}\n  desc: d\n  condition: evt.type = open\n  output: o\n  priority: ${priority}\n  tags: [${tags}]\n${more}`;
const { ruleset } = loadRules([
  {
    name: 'f',
    text:
      rule('open a', 'ERROR', 'x') +
      rule('open b', 'WARNING', 'x, y') +
      rule('close [c]?', 'INFO', 'y') +
      rule('off', 'DEBUG', 'z', '  enabled: false\n'),
  },
]);

function names(steps: readonly SelectionStep[], minPriority?: number): readonly string[] {
  if (!ruleset) throw new Error('rules do not load');
  const selected = selectRules(ruleset, { steps, minPriority });
  return selected.rules.filter((one) => one.enabled).map((one) => one.name);
}

describe('selectRules', () => {
  it('keeps what the files enable when nothing is chosen', () => {
    expect(names([])).toEqual(['open a', 'open b', 'close [c]?']);
  });

  it('disables by substring, by tag and by name with stars', () => {
    expect(names([{ enable: false, by: 'substring', text: 'pen' }])).toEqual(['close [c]?']);
    expect(names([{ enable: false, by: 'tag', tag: 'y' }])).toEqual(['open a']);
    expect(names([{ enable: false, by: 'name', pattern: 'open*' }])).toEqual(['close [c]?']);
  });

  it('takes only stars as special in names', () => {
    expect(names([{ enable: false, by: 'name', pattern: 'close [c]?' }])).toEqual(['open a', 'open b']);
    expect(names([{ enable: false, by: 'name', pattern: 'open ?' }])).toHaveLength(3);
  });

  it('applies steps in order and enables what a file disables', () => {
    expect(
      names([
        { enable: false, by: 'name', pattern: '*' },
        { enable: true, by: 'tag', tag: 'z' },
        { enable: true, by: 'tag', tag: 'x' },
        { enable: false, by: 'name', pattern: '*b' },
      ]),
    ).toEqual(['open a', 'off']);
  });

  it('does not load rules below the minimum priority, whatever a step says', () => {
    expect(names([{ enable: true, by: 'name', pattern: '*' }], 4)).toEqual(['open a', 'open b']);
  });
});
