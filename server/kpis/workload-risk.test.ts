import fc from 'fast-check';
import { expect, it } from 'vitest';
import { riskOf } from './workload-risk.ts';

const row = (workload: string, rule: string, priority: number, count: number) => ({
  namespace: 'shop',
  workload,
  rule,
  priority,
  count,
});

it('ranks several different rules above one that repeats, and a worse priority above a milder one', () => {
  const ranked = riskOf([
    row('Deployment/noisy', 'A', 5, 1_000),
    row('Deployment/attacked', 'A', 3, 1),
    row('Deployment/attacked', 'B', 2, 2),
    row('Deployment/quiet', 'C', 6, 1),
  ]);
  expect(ranked.map(({ workload }) => workload)).toEqual([
    'Deployment/attacked',
    'Deployment/noisy',
    'Deployment/quiet',
  ]);
  expect(ranked[0]).toMatchObject({ priority: 2, reason: 'B (Critical) 2 times, and 1 other rule' });
});

it('scores lie between 0 and 100', () => {
  const any = fc.record({
    rule: fc.string(),
    priority: fc.integer({ min: 0, max: 7 }),
    count: fc.integer({ min: 1, max: 1e9 }),
  });
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 50 }), (rows) => {
      const [risk] = riskOf(rows.map((one) => ({ ...one, namespace: 'n', workload: 'w' })));
      expect(risk?.score).toBeGreaterThanOrEqual(0);
      expect(risk?.score).toBeLessThanOrEqual(100);
    }),
  );
});
