import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { call, exec, thread } from '../../rulesets/cases/build.ts';
import { FILE_CHARS_MAX, loadRules } from './load.ts';
import { issuePosition } from './result.ts';

const load = (...texts: readonly string[]) =>
  loadRules(texts.map((text, i) => ({ name: `f${i}.yaml`, text })));
const rule = (name: string, condition: string, more = 'output: o\n  priority: INFO'): string =>
  `- rule: ${name}\n  desc: d\n  condition: ${condition}\n  ${more}\n`;
const messages = (...texts: readonly string[]): readonly string[] =>
  load(...texts).results.flatMap((file) => file.errors.map((error) => error.message));

describe('loadRules', () => {
  it('refuses the whole load for one bad file and tells every fault with its place', () => {
    const { ok, ruleset, results } = load(
      rule('a', 'evt.type = open'),
      `${rule('b', 'proc.nobody = 1')}${rule('c', 'proc.name =')}`,
    );
    expect(ok).toBe(false);
    expect(ruleset).toBeUndefined();
    expect(results.map((file) => file.errors.length)).toEqual([0, 2]);
    expect(results[1]?.errors.map((error) => issuePosition(error))).toMatchObject([
      { name: 'f1.yaml', line: 2, column: 13 },
      { name: 'f1.yaml', line: 7 },
    ]);
  });

  it('finds the place of a fault in folded, quoted and appended conditions and behind lists', () => {
    const folded =
      '- list: l\n  items: [a, b, c, d]\n- rule: r\n  desc: d\n  condition: >\n    proc.name in (l) and\n    proc.nobody = 1\n  output: o\n  priority: INFO\n';
    expect(load(folded).results[0]?.errors.map(issuePosition)).toMatchObject([{ line: 6, column: 4 }]);
    const appended = `${rule('r', 'evt.type = open')}- rule: r\n  condition: "and proc.nobody = 1"\n  override:\n    condition: append\n`;
    expect(load(appended).results[0]?.errors.map(issuePosition)).toMatchObject([{ line: 6, column: 18 }]);
  });

  it('gives equal content an equal version and other content another', () => {
    const version = (text: string) => load(text).ruleset?.version;
    expect(version(rule('a', 'evt.type = open'))).toBe(version(rule('a', 'evt.type = open')));
    expect(version(rule('a', 'evt.type = open'))).not.toBe(version(rule('b', 'evt.type = open')));
    expect(version(rule('a', 'evt.type = open'))).toMatch(/^[0-9a-f]{32}$/);
  });

  it('expands lists as whole words only, quotes items with blanks and drops empty ones', () => {
    const text = `- list: sh\n  items: [bash, "a b"]\n- list: none\n  items: []\n${rule('r', 'evt.type = execve and proc.name in (sh, none, ash)')}`;
    const { ruleset } = load(text);
    for (const comm of ['bash', 'a b', 'ash']) expect(ruleset?.match(exec({ comm }))?.rule).toBe('r');
    expect(ruleset?.match(exec({ comm: 'sh' }))).toBeUndefined();
  });

  it('lets a macro see only macros defined before it, and names loops and unknown macros', () => {
    expect(
      messages(`- macro: a\n  condition: b\n- macro: b\n  condition: proc.name = x\n${rule('r', 'a')}`),
    ).toContain("Undefined macro 'b' used in filter.");
    expect(messages(rule('r', 'nope'))).toEqual(["Undefined macro 'nope' used in filter."]);
  });

  it('survives macros that double at every level', () => {
    const levels = Array.from(
      { length: 60 },
      (_, i) => `- macro: m${i + 1}\n  condition: (m${i} and m${i})\n`,
    ).join('');
    const text = `- macro: m0\n  condition: proc.name = x\n${levels}${rule('r', 'm60')}`;
    expect(messages(text).some((message) => message.includes('nodes after macro expansion'))).toBe(true);
  });

  it.each([
    ['a file above the size limit', `# ${'x'.repeat(FILE_CHARS_MAX)}`, 'larger than'],
    ['collections nested too deep', `- ${'['.repeat(200)}${']'.repeat(200)}`, 'deeper than'],
    ['brackets by the hundred thousand', '['.repeat(100_000), ''],
    [
      'aliases that multiply',
      `- &a [x,x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi'].map((c, i) => `- &${c} [${Array(10).fill(`*${'abcdefgh'[i]}`).join(',')}]\n`).join('')}`,
      '',
    ],
    ['aliases by the hundred thousand', `- &a x\n- [${'*a,'.repeat(170_000)}*a]`, 'YAML nodes'],
    ['anchors by the ten thousand', '- &a x\n'.repeat(65_000), 'YAML nodes'],
    ['documents by the ten thousand', '--- x\n'.repeat(20_000), 'YAML documents'],
    ['text that is no YAML', 'a: [', ''],
    ['a map instead of a list', 'a: b', 'not yaml array'],
  ])('refuses %s', (_name, text, message) => {
    const found = messages(text);
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toContain(message);
  });

  it('never throws, whatever the text', () => {
    const line = fc.constantFrom(
      '- rule: r',
      '- macro: m',
      '- list: l',
      '  condition: a',
      '  items: [l, m]',
      '  items: x',
      '  desc: d',
      '  output: "%proc.name %x"',
      '  priority: INFO',
      '  append: true',
      '  override: {condition: append}',
      '  exceptions: [{name: e, fields: [proc.name], values: [[a]]}]',
      '  tags: ~',
      '- ~',
      '- 1',
      '---',
      '  <<: *a',
      '  enabled: maybe',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(line, { maxLength: 14 }).map((l) => l.join('\n')),
          fc.string(),
        ),
        (text) => {
          const { ok, results } = load(text);
          expect(ok).toBe(results.every((file) => file.errors.length === 0));
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('Ruleset', () => {
  const text = `${rule('first', 'evt.type in (execve, open) and proc.name = cat', 'output: "%proc.name %proc.pname %fd.name. %evt.type"\n  priority: ERROR\n  tags: [x]')}${rule('second', 'evt.type != open and proc.name = cat')}`;
  const { ruleset } = load(text);

  it('answers the first match in load order and all of them on demand', () => {
    expect(ruleset?.match(exec({ comm: 'cat' }))).toEqual({
      rule: 'first',
      priority: 3,
      tags: ['x'],
      output: 'cat <NA> <NA>. execve',
      source: 'syscall',
    });
    expect(ruleset?.matchAll(exec({ comm: 'cat' })).map((match) => match.rule)).toEqual(['first', 'second']);
    expect(ruleset?.match(call('close', { comm: 'cat' }))?.rule).toBe('second');
    expect(ruleset?.match(exec({ comm: 'dog' }))).toBeUndefined();
  });

  it('escapes what must not reach a terminal or a log line', () => {
    const evil = exec({ comm: 'cat', parent: thread({ comm: 'a\u001b[31m\n\u202e\ud800' }) });
    expect(ruleset?.match(evil)?.output).toBe('cat a\\u001b[31m\\n\\u202e\ufffd <NA>. execve');
  });
});
