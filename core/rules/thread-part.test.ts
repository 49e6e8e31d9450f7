import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FilterNode } from '../filter/ast.ts';
import { parseFilter } from '../filter/parser.ts';
import { printFilter } from '../filter/print.ts';
import { knownType, simplify } from './simplify.ts';
import { eventPart, threadPart } from './thread-part.ts';

const ast = (text: string): FilterNode => {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.ast;
};
const split = (text: string) => {
  const node = ast(text);
  const [thread, event] = [threadPart(node), eventPart(node)];
  return [thread && printFilter(thread), event && printFilter(event)];
};

describe('the demand on the thread', () => {
  it('is the conjuncts about the thread; the event meets only the others', () => {
    expect(split('proc.name = a and fd.num = 1 and user.uid = 0')).toEqual([
      '(proc.name = a and user.uid = 0)',
      'fd.num = 1',
    ]);
  });

  it('of alternatives is any of theirs, and nothing when one of them has none', () => {
    expect(split('(proc.name = a and fd.num = 1) or (proc.name = b and fd.num = 2)')[0]).toBe(
      '(proc.name = a or proc.name = b)',
    );
    expect(split('(proc.name = a and fd.num = 1) or fd.num = 2')[0]).toBeUndefined();
  });

  it('goes through negation by De Morgan', () => {
    expect(split('not (proc.name = a or fd.num = 1)')[0]).toBe('not proc.name = a');
    expect(split('not (proc.name = a and fd.num = 1)')[0]).toBeUndefined();
  });

  it('never takes ages, counters or descriptors for facts of the thread', () => {
    for (const name of ['proc.duration > 1', 'proc.fdopencount > 1', 'proc.stdin.type = pipe', 'evt.num > 1'])
      expect(split(name)).toEqual([undefined, printFilter(ast(name))]);
  });
});

/** Conditions over two facts of the thread and two of the event, as text and as verdict. */
const leaves = ['proc.name = a', 'user.uid = 0', 'fd.num = 1', 'evt.cpu = 1'];
type Facts = readonly boolean[];
const condition = fc.letrec<{ node: { text: string; holds: (facts: Facts) => boolean } }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.nat(3).map((i) => ({ text: leaves[i] ?? '', holds: (facts: Facts) => facts[i] === true })),
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('node'), { minLength: 2, maxLength: 3 }))
      .map(([word, nodes]) => ({
        text: `(${nodes.map(({ text }) => text).join(` ${word} `)})`,
        holds: (facts: Facts) =>
          word === 'and' ? nodes.every((n) => n.holds(facts)) : nodes.some((n) => n.holds(facts)),
      })),
    tie('node').map((node) => ({
      text: `not (${node.text})`,
      holds: (facts: Facts) => !node.holds(facts),
    })),
  ),
})).node;

function verdict(node: FilterNode | undefined, facts: Facts): boolean {
  if (node === undefined) return true;
  switch (node.kind) {
    case 'and':
      return node.children.every((child) => verdict(child, facts));
    case 'or':
      return node.children.some((child) => verdict(child, facts));
    case 'not':
      return !verdict(node.child, facts);
    default:
      return facts[leaves.indexOf(printFilter(node))] === true;
  }
}

describe('the parts together', () => {
  it('say what the condition says, and the demand on the thread is about the thread alone', () => {
    fc.assert(
      fc.property(
        condition,
        fc.tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean()),
        (made, facts) => {
          const node = ast(made.text);
          const demand = threadPart(node);
          expect(verdict(demand, facts) && verdict(eventPart(node), facts)).toBe(made.holds(facts));
          if (demand !== undefined) expect(printFilter(demand)).not.toMatch(/fd\.num|evt\.cpu/);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('keep their verdict when checks known for the event type are worked in', () => {
    fc.assert(
      fc.property(
        condition,
        fc.constantFrom('open', 'close'),
        fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
        (made, type, [a, b, c]) => {
          const text = made.text.replaceAll('evt.cpu = 1', 'evt.type in (open, connect)');
          const simple = simplify(ast(text), knownType(type));
          const facts = [a, b, c, type === 'open'];
          expect(typeof simple === 'boolean' ? simple : verdict(simple, facts)).toBe(made.holds(facts));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
