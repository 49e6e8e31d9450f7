import { expect, test } from 'vitest';
import type { EventRow } from '../../core/wire/events.ts';
import { eventLabel, facetPriority, shortUser, subjectObject } from './event-words.ts';

const base: EventRow = {
  id: '0.a',
  time: '2026-11-21T03:00:00Z',
  source: 'syscall',
  type: 'openat',
  categories: ['file'],
  outcome: 'ok',
  priority: 6,
  rule: null,
  tags: [],
  summary: 'cat read /etc/shadow',
  node: null,
  namespace: null,
  pod: null,
  container: null,
  containerId: null,
  workload: null,
  user: null,
  process: 'cat',
  pid: null,
  peer: null,
  object: '/etc/shadow',
};
const audit: EventRow = {
  ...base,
  source: 'k8s_audit',
  type: 'list',
  categories: ['rbac_denial'],
  process: 'kubectl',
  user: 'system:serviceaccount:payments:checkout-api',
  object: 'secrets',
};

test('an alert is called by its rule, other events by what they are', () => {
  expect(eventLabel({ ...base, rule: 'Read sensitive file untrusted' })).toBe(
    'Read sensitive file untrusted',
  );
  expect(eventLabel(base)).toBe('File opened');
  expect(eventLabel(audit)).toBe('RBAC denial (403)');
  expect(eventLabel({ ...audit, categories: [], object: 'pods/a' })).toBe('List pods');
});

test('says who did what to what', () => {
  expect(subjectObject(base)).toBe('cat → /etc/shadow');
  expect(subjectObject(audit)).toBe('sa:checkout-api → list secrets');
  expect(subjectObject({ ...base, process: null, object: null })).toBe('cat read /etc/shadow');
});

test('shortens service accounts only', () => {
  expect(shortUser('dev@example.com')).toBe('dev@example.com');
});

test('reads priorities as digit and word', () => {
  expect(facetPriority('2')).toBe(2);
  expect(facetPriority('Critical')).toBe(2);
});
