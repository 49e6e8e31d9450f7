import { expect, test } from 'vitest';
import type { IncidentRow } from '../../core/wire/incidents.ts';
import { type Entity, entityEventsPath, podOf } from './entity.ts';

const incident = { firstEventAt: '2026-11-21T02:46:00Z', lastEventAt: '2026-11-21T03:06:00Z' } as IncidentRow;
const facets = (entity: Entity) =>
  Object.fromEntries(
    [...new URLSearchParams(entityEventsPath(entity, incident).split('?')[1])].filter(([key]) =>
      key.startsWith('f.'),
    ),
  );

test('opens exactly the entity’s events', () => {
  expect(facets({ kind: 'pod', name: 'payments/api-1' })).toEqual({
    'f.namespace': 'payments',
    'f.pod': 'api-1',
  });
  expect(facets({ kind: 'workload', name: 'payments/Deployment/api' })).toEqual({
    'f.namespace': 'payments',
    'f.workload': 'Deployment/api',
  });
  expect(facets({ kind: 'serviceaccount', name: 'payments/api' })).toEqual({
    'f.user': 'system:serviceaccount:payments:api',
  });
  expect(facets({ kind: 'ip', name: '203.0.113.47' })).toEqual({ 'f.peer': '203.0.113.47' });
});

test('covers the incident with room on both sides', () => {
  const params = new URLSearchParams(entityEventsPath({ kind: 'node', name: 'w' }, incident).split('?')[1]);
  expect(params.get('from')).toBe('2026-11-21T02:41:00.000Z');
  expect(params.get('to')).toBe('2026-11-21T03:11:00.000Z');
});

test('only pods with a namespace can be acted on', () => {
  expect(podOf({ kind: 'pod', name: 'payments/api-1' })).toEqual({ namespace: 'payments', name: 'api-1' });
  expect(podOf({ kind: 'pod', name: 'api-1' })).toBeUndefined();
  expect(podOf({ kind: 'node', name: 'a/b' })).toBeUndefined();
});
