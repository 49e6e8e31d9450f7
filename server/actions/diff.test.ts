import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyObjectSchema } from '../cluster/kube-object.ts';
import { diffLines, toYaml } from './diff.ts';
import { labelDrift } from './release.ts';

describe('diffLines', () => {
  it('shows changed lines with three lines of context', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\nh\n';
    const diff = diffLines(before, before.replace('e', 'E'));
    expect(diff.map(({ sign, text }) => sign + text)).toEqual([
      ' b',
      ' c',
      ' d',
      '-e',
      '+E',
      ' f',
      ' g',
      ' h',
    ]);
  });

  it('is all plus for a new object, all minus for a deleted one, empty for no change', () => {
    expect(diffLines(null, 'a\nb\n').map(({ sign }) => sign)).toEqual(['+', '+']);
    expect(diffLines('a\nb\n', null).map(({ sign }) => sign)).toEqual(['-', '-']);
    expect(diffLines('a\nb\n', 'a\nb\n')).toEqual([]);
  });

  it('leads from the old text to the new one', () => {
    const lines = fc.array(fc.constantFrom('x', 'y', 'z'), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(lines, lines, (old, next) => {
        const diff = diffLines(old.join('\n'), next.join('\n'));
        const picked = (signs: string) =>
          diff.filter(({ sign }) => signs.includes(sign)).map(({ text }) => text);
        if (diff.length > 0) {
          expect(picked(' -')).toEqual(old);
          expect(picked(' +')).toEqual(next);
        } else expect(old).toEqual(next);
      }),
    );
  });
});

describe('toYaml', () => {
  it('shows nothing of a pod but names and labels: env may hold secrets', () => {
    const pod = anyObjectSchema.parse({
      kind: 'Pod',
      metadata: {
        name: 'p',
        labels: { app: 'a' },
        annotations: {
          'kubectl.kubernetes.io/last-applied-configuration': 'hunter2',
          'eyrie.dev/incident': 'INC-1',
        },
      },
      spec: { containers: [{ env: [{ name: 'PASSWORD', value: 'hunter2' }] }] },
    });
    expect(toYaml(pod)).not.toContain('hunter2');
    expect(toYaml(pod)).toContain('eyrie.dev/incident: INC-1');
  });
});

describe('labelDrift', () => {
  it('names every label that was added, taken or changed', () => {
    expect(labelDrift({ a: '1', b: '2' }, { b: '3', c: '4' })).toEqual(['a: 1 → —', 'b: 2 → 3', 'c: — → 4']);
  });
});
