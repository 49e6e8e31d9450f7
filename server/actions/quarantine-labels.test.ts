import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkPolicySchema, selects, serviceSchema } from '../cluster/kube-object.ts';
import { planLabels, QUARANTINE_LABEL } from './quarantine-labels.ts';

const labels = { app: 'checkout', tier: 'api', team: 'payments', 'pod-template-hash': 'abc' };
const policy = (name: string, spec: object) => networkPolicySchema.parse({ metadata: { name }, spec });
const service = (name: string, selector?: object) =>
  serviceSchema.parse({ metadata: { name }, spec: { selector } });
const plan = (over: Partial<Parameters<typeof planLabels>[0]>) =>
  planLabels({ labels, id: 'q1', policies: [], services: [], owner: null, ...over });

describe('planLabels', () => {
  it('takes the pod out of every policy that allows traffic, and says by which labels', () => {
    const allow = policy('allow-web', { podSelector: { matchLabels: { app: 'checkout' } }, ingress: [{}] });
    const result = plan({ policies: [allow] });
    expect(result.after).toEqual({
      tier: 'api',
      team: 'payments',
      'pod-template-hash': 'abc',
      [QUARANTINE_LABEL]: 'q1',
    });
    expect(result.policies).toEqual([{ name: 'allow-web', labels: ['app'], stays: false }]);
  });

  it('leaves labels of policies that only close, and of those that select other pods', () => {
    const closing = policy('deny', {
      podSelector: { matchLabels: { app: 'checkout' } },
      policyTypes: ['Ingress'],
    });
    const other = policy('other', { podSelector: { matchLabels: { app: 'cart' } }, egress: [{}] });
    expect(plan({ policies: [closing, other] }).removed).toEqual({});
  });

  it('says when a policy keeps the pod whatever its labels are', () => {
    const everything = policy('allow-all', { podSelector: {}, egress: [{}] });
    const not = policy('not-db', {
      podSelector: { matchExpressions: [{ key: 'db', operator: 'DoesNotExist' }] },
      egress: [{}],
    });
    expect(plan({ policies: [everything, not] }).policies.map(({ stays }) => stays)).toEqual([true, true]);
  });

  it('understands In and Exists', () => {
    const within = policy('in', {
      podSelector: {
        matchExpressions: [
          { key: 'tier', operator: 'In', values: ['api', 'web'] },
          { key: 'team', operator: 'Exists' },
        ],
      },
      ingress: [{}],
    });
    expect(plan({ policies: [within] }).policies[0]).toMatchObject({
      labels: ['tier', 'team'],
      stays: false,
    });
  });

  it('takes the pod out of its Services and its owner; a Service without selector stays untouched', () => {
    const result = plan({
      services: [service('web', { tier: 'api' }), service('manual'), service('cart', { app: 'cart' })],
      owner: { matchLabels: { app: 'checkout', 'pod-template-hash': 'abc' }, matchExpressions: [] },
    });
    expect(result.services).toEqual(['web']);
    expect(result.after).toEqual({ team: 'payments', [QUARANTINE_LABEL]: 'q1' });
  });

  it('never leaves the pod selected by matchLabels of an allowing policy', () => {
    const some = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2'), {
      minKeys: 1,
    });
    fc.assert(
      fc.property(some, fc.array(some, { maxLength: 5 }), (own, selectors) => {
        const policies = selectors.map((matchLabels, i) =>
          policy(`p${i}`, { podSelector: { matchLabels }, egress: [{}] }),
        );
        const result = plan({ labels: own, policies });
        for (const each of policies) expect(selects(each.spec.podSelector, result.after)).toBe(false);
        expect({ ...result.after, ...result.removed }).toEqual({ ...own, [QUARANTINE_LABEL]: 'q1' });
      }),
    );
  });
});
