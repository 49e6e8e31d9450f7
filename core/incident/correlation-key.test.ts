import { describe, expect, it } from 'vitest';
import { type CorrelatedEvent, joinsIncident, opensIncident } from './correlated-event.ts';
import { entitiesOf, incidentKeys, joinKeys } from './correlation-key.ts';
import { incidentSummary, incidentTitle, shorten } from './title.ts';

function event(over: Partial<CorrelatedEvent>): CorrelatedEvent {
  return {
    id: '0.x',
    time: new Date('2026-11-21T03:00:00Z'),
    source: 'syscall',
    type: 'execve',
    categories: ['process'],
    outcome: 'ok',
    priority: 4,
    rule: 'Terminal shell in container',
    summary: 'bash started with a terminal',
    node: 'worker-1',
    namespace: 'payments',
    pod: 'checkout-api-7d9f6c8b5d-x2k4q',
    workload: 'Deployment/checkout-api',
    serviceAccount: 'checkout-api',
    user: 'root',
    process: 'bash',
    peer: null,
    object: null,
    ...over,
  };
}

const exec = event({
  source: 'k8s_audit',
  type: 'create',
  categories: ['exec'],
  rule: null,
  priority: 6,
  summary: 'mallory@example.com ran kubectl exec in checkout-api-7d9f6c8b5d-x2k4q',
  pod: null,
  workload: null,
  serviceAccount: null,
  node: null,
  user: 'mallory@example.com',
  process: 'kubectl',
  peer: '203.0.113.47',
  object: 'pods/checkout-api-7d9f6c8b5d-x2k4q/exec',
});

describe('keys', () => {
  it('joins a kubectl exec and the shell it started by the pod both name', () => {
    const shared = joinKeys(exec).filter((key) => incidentKeys(event({})).includes(key));
    expect(shared).toEqual(['pod:payments/checkout-api-7d9f6c8b5d-x2k4q']);
  });

  it('goes by pod and workload for a pod, not by its node or service account', () => {
    expect(joinKeys(event({}))).toEqual([
      'pod:payments/checkout-api-7d9f6c8b5d-x2k4q',
      'workload:payments/Deployment/checkout-api',
    ]);
  });

  it('lets requests of a pod’s own service account join, except for `default`', () => {
    const request = event({
      ...exec,
      user: 'system:serviceaccount:payments:checkout-api',
      object: 'secrets',
    });
    expect(incidentKeys(event({}))).toContain(joinKeys(request)[0]);
    expect(incidentKeys(event({ serviceAccount: 'default' })).join()).not.toContain('serviceaccount');
  });

  it('takes no control-plane user as a subject', () => {
    expect(joinKeys(event({ ...exec, user: 'system:node:worker-1', object: 'nodes/worker-1' }))).toEqual([]);
  });

  it('goes by address for refused logins and by node for host events', () => {
    const refused = event({
      ...exec,
      user: null,
      object: null,
      namespace: null,
      categories: ['auth_failure'],
    });
    expect(joinKeys(refused)).toEqual(['ip:203.0.113.47']);
    const host = event({ namespace: null, pod: null, workload: null, serviceAccount: null });
    expect(joinKeys(host)).toEqual(['node:worker-1']);
  });

  it('lists every entity for people', () => {
    expect(entitiesOf(exec).map((entity) => entity.kind)).toEqual(['user', 'pod', 'ip']);
    expect(entitiesOf(event({})).map((entity) => entity.kind)).toEqual([
      'pod',
      'workload',
      'serviceaccount',
      'node',
    ]);
  });
});

describe('thresholds', () => {
  it('opens from Warning up and joins below', () => {
    expect(opensIncident(event({ priority: 4 }))).toBe(true);
    expect(opensIncident(event({ priority: 5 }))).toBe(false);
    expect(joinsIncident(event({ priority: 5 }))).toBe(true);
  });

  it('never opens from an event without a rule, and joins it only by category', () => {
    expect(opensIncident(event({ rule: null, priority: 0 }))).toBe(false);
    expect(joinsIncident(exec)).toBe(true);
    expect(joinsIncident(event({ rule: null }))).toBe(false);
  });
});

describe('words', () => {
  it('names the worst alert, the workload and the way in', () => {
    const read = event({ rule: 'Read sensitive file', priority: 2, summary: 'cat read /etc/shadow' });
    expect(incidentTitle([exec, event({}), read])).toBe(
      'cat read /etc/shadow in checkout-api after kubectl exec',
    );
  });

  it('tells who came in, what was seen in order and what was denied', () => {
    const denied = event({
      ...exec,
      categories: ['rbac_denial'],
      outcome: 'denied',
      summary: 'mallory@example.com listed secrets',
    });
    expect(incidentSummary([exec, event({}), denied])).toBe(
      'mallory@example.com ran kubectl exec in checkout-api-7d9f6c8b5d-x2k4q. ' +
        'bash started with a terminal in checkout-api. Denied: mallory@example.com listed secrets.',
    );
  });

  it('shortens names in the middle and keeps the unique tail', () => {
    expect(shorten('payments/checkout-api-with-a-long-name-7d9f6c8b5d-x2k4q', 30)).toMatch(/-…x2k4q$/);
  });

  it('bounds the title', () => {
    expect(incidentTitle([event({ summary: 'x'.repeat(5_000) })]).length).toBeLessThanOrEqual(160);
  });
});
