import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRegex } from '../../../core/filter/regex-parser.ts';
import { parseContainerLine } from './cri-line.ts';
import { loadLogRules } from './log-rules.ts';
import { requiredLiteral } from './required-literal.ts';

const load = (text: string) => loadLogRules([{ name: 'r.yaml', text }]);
const faults = (text: string) => {
  const loaded = load(text);
  return loaded.ok ? [] : loaded.faults;
};

/** ECMAScript refuses a few patterns that RE2 takes. */
function regexOf(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern);
  } catch {
    return undefined;
  }
}

describe('loadLogRules', { timeout: 60_000 }, () => {
  it('finds the pattern anywhere in a line and selects by name with stars', () => {
    const loaded = load(
      '- name: a\n  pattern: "^E[0-9]+ .*timeout$"\n  containers: ["web-*", db]\n  namespaces: shop\n',
    );
    if (!loaded.ok) throw new Error(loaded.faults.join());
    const [rule] = loaded.rules;
    expect(rule?.matches('E12 a timeout')).toBe(true);
    expect(rule?.matches('x E12 a timeout')).toBe(false);
    expect(rule?.selects({ namespace: 'shop', pod: 'p', container: 'web-1' })).toBe(true);
    expect(rule?.selects({ namespace: 'shop', pod: 'p', container: 'cache' })).toBe(false);
    expect(rule?.selects({ namespace: 'other', pod: 'p', container: 'db' })).toBe(false);
    expect(rule?.priority).toBe(4);
  });

  it.each([
    ['- name: a\n  pattern: "("\n', 'r.yaml:2:12: invalid regex pattern'],
    ['- name: a\n  pattern: b\n  priority: loud\n', 'r.yaml:3:13: priority: loud is no priority'],
    ['- name: a\n  patern: b\n', 'r.yaml:1:3: pattern'],
    ['- name: a\n  pattern: b\n- name: a\n  pattern: c\n', 'given twice'],
    ['- name: a\n  pattern: [\n', 'r.yaml:'],
    ['name: a\n', 'r.yaml:1:1: rules'],
    ['- &x {name: a, pattern: b}\n- *x\n', 'Alias'],
  ])('refuses %j with its position', (text, fault) => {
    expect(faults(text).join('\n')).toContain(fault);
  });

  it('never throws, whatever the file holds', () => {
    fc.assert(fc.property(fc.string(), (text) => void load(text)));
    fc.assert(fc.property(fc.string(), (pattern) => void load(JSON.stringify([{ name: 'a', pattern }]))));
  });

  it('matches as the pattern does, though lines without its literal are left out', () => {
    const unit = fc.constantFrom('a', 'b', '.', '*', '+', '?', '(', ')', '|', '[ab]', 'ab', '{2}');
    const pattern = fc.array(unit, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 });
    // A question mark after a repetition makes it lazy in ECMAScript and optional here.
    fc.assert(
      fc.property(pattern, text, (given, line) => {
        const loaded = load(JSON.stringify([{ name: 'a', pattern: given }]));
        fc.pre(loaded.ok && !/[*+?}]\?/.test(given));
        const node = parseRegex(given);
        if (!loaded.ok || typeof node === 'string') return;
        const matches = regexOf(given)?.test(line);
        fc.pre(matches !== undefined);
        expect(loaded.rules[0]?.matches(line)).toBe(matches);
        if (matches === true) expect(line).toContain(requiredLiteral(node));
      }),
      { numRuns: 400 },
    );
  });

  it('takes time linear in the line for a pattern that backtracks elsewhere', () => {
    const loaded = load('- name: a\n  pattern: "(a+)+b"\n');
    if (!loaded.ok) throw new Error('refused');
    const line = `${'a'.repeat(4_094)}cb`;
    const began = performance.now();
    expect(loaded.rules[0]?.matches(line)).toBe(false);
    expect(performance.now() - began).toBeLessThan(500);
  });
});

describe('parseContainerLine', () => {
  it('reads CRI lines, partial ones, and those of Docker', () => {
    expect(parseContainerLine('2026-11-21T08:00:00.123456789Z stderr F a b')).toEqual({
      timeNs: 1_795_248_000_123_456_789n,
      stream: 'stderr',
      isPartial: false,
      message: 'a b',
    });
    expect(parseContainerLine('2026-11-21T08:00:00+01:00 stdout P:x part')).toMatchObject({
      isPartial: true,
      message: 'part',
    });
    expect(parseContainerLine('2026-11-21T08:00:00Z stdout F')).toMatchObject({ message: '' });
    const docker = { log: 'text\n', stream: 'stdout', time: '2026-11-21T08:00:00Z' };
    expect(parseContainerLine(JSON.stringify(docker))).toMatchObject({ message: 'text', isPartial: false });
  });

  it('refuses everything else and never throws', () => {
    for (const line of ['', 'text', '2026-11-21T08:00:00Z stdin F x', '2026-11-21 stdout F x', '{"log":1}'])
      expect(parseContainerLine(line)).toBeUndefined();
    fc.assert(fc.property(fc.string(), (line) => void parseContainerLine(line)));
  });
});
