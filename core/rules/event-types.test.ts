import fc from 'fast-check';
import { expect, it } from 'vitest';
import { call } from '../../rulesets/cases/build.ts';
import { compileFilter } from '../filter/compile.ts';
import { parseFilter } from '../filter/parser.ts';
import { eventTypes } from './event-types.ts';
import { loadRules } from './load.ts';

const TYPES = ['open', 'openat', 'execve', 'connect'] as const;
const leaf = fc.oneof(
  fc.constantFrom(...TYPES).map((type) => `evt.type = ${type}`),
  fc.constantFrom(...TYPES).map((type) => `evt.type != ${type}`),
  fc.subarray([...TYPES]).map((types) => `evt.type in (${types.join(', ')})`),
  fc.constantFrom(
    'proc.name = cat',
    'proc.name = dog',
    'evt.num = 0',
    'evt.type exists',
    'evt.type startswith open',
  ),
);
const { filter } = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc
      .tuple(tie('filter'), fc.constantFrom('and', 'or'), tie('filter'))
      .map(([a, word, b]) => `(${a} ${word} ${b})`),
    tie('filter').map((a) => `not (${a})`),
  ),
}));

it('never leaves out a type that the condition matches, and buckets do not change verdicts', () => {
  fc.assert(
    fc.property(filter, (text) => {
      const parsed = parseFilter(text);
      if (!parsed.ok) throw new Error(text);
      const types = eventTypes(parsed.ast);
      const test = compileFilter(parsed.ast);
      const { ruleset } = loadRules([
        { name: 'f', text: `- {rule: r, desc: d, condition: '${text}', output: o, priority: INFO}` },
      ]);
      for (const type of TYPES) {
        for (const comm of ['cat', 'dog']) {
          const event = call(type, { comm });
          const verdict = test(event);
          if (verdict && types) expect(types.has(type)).toBe(true);
          expect(ruleset?.match(event) !== undefined).toBe(verdict);
        }
      }
    }),
    { numRuns: 500 },
  );
});
