import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventItemSchema } from '../wire/ingest.ts';
import type { Category } from './event.ts';
import { type MappedAudit, mapAuditEvent } from './k8s-audit.ts';
import { AuditFolder } from './k8s-audit-folder.ts';
import { AUDIT_RAW_BYTES_MAX } from './k8s-audit-raw.ts';

const CORPUS = process.env.EYRIE_CORPUS ?? join(import.meta.dirname, '../../../shared/data/falco');
const SAMPLE = join(CORPUS, '../k8s-audit/sample.jsonl');
const sample = readFileSync(SAMPLE, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line): unknown => JSON.parse(line));

function map(raw: unknown): MappedAudit {
  const result = mapAuditEvent(raw);
  if (!result.ok) throw new Error(result.reason);
  return result;
}

function foldAll(events: readonly unknown[]): MappedAudit[] {
  const folder = new AuditFolder();
  return events.map((raw) => folder.fold(map(raw)));
}

function countOf(events: readonly MappedAudit[], category: Category): number {
  return events.filter(({ record }) => record.categories.includes(category)).length;
}

type Overrides = Record<string, unknown>;
const base: Overrides = {
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'Metadata',
  auditID: 'a-1',
  stage: 'ResponseComplete',
  requestURI: '/api/v1/namespaces/shop/pods/a',
  verb: 'get',
  user: { username: 'alice', groups: ['dev'] },
  sourceIPs: ['10.0.0.9', '10.0.0.1'],
  userAgent: 'kubectl/v1.32.4 (linux/amd64) kubernetes/4cb5f07',
  objectRef: { resource: 'pods', namespace: 'shop', name: 'a', apiVersion: 'v1' },
  responseStatus: { metadata: {}, code: 200 },
  requestReceivedTimestamp: '2026-11-21T07:10:58.000000Z',
  stageTimestamp: '2026-11-21T07:10:58.123456Z',
  annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
};
const event = (overrides: Overrides): Overrides => ({ ...base, ...overrides });
const exec = (overrides: Overrides): Overrides =>
  event({
    requestURI: '/api/v1/namespaces/shop/pods/a/exec?command=sh&command=-c&command=ls+%2F&container=c',
    objectRef: { resource: 'pods', namespace: 'shop', name: 'a', subresource: 'exec' },
    responseStatus: { code: 101 },
    ...overrides,
  });
const forbidden = (message: string, decision = 'forbid'): Overrides => ({
  responseStatus: { code: 403, status: 'Failure', message },
  annotations: { 'authorization.k8s.io/decision': decision },
});

describe('a real audit log', () => {
  const folded = foldAll(sample);

  it('maps every event into a record that the wire accepts', () => {
    expect(folded).toHaveLength(244);
    for (const { record } of folded)
      expect(eventItemSchema.safeParse({ k: 'event', ...record }).error).toBeUndefined();
  });

  it('counts each KPI as the log has it', () => {
    const counts = Object.fromEntries(
      (
        [
          'auth_failure',
          'rbac_denial',
          'psa_violation',
          'psa_exempt',
          'admission_denial',
          'exec',
          'attach',
          'port_forward',
          'secret_read',
          'rbac_change',
          'delete',
        ] as const
      ).map((category) => [category, countOf(folded, category)]),
    );
    expect(counts).toEqual({
      auth_failure: 1,
      rbac_denial: 6,
      psa_violation: 16,
      psa_exempt: 0,
      admission_denial: 0,
      exec: 4,
      attach: 0,
      port_forward: 1,
      secret_read: 2,
      rbac_change: 53,
      delete: 2,
    });
  });

  it('counts every request exactly once', () => {
    const counted = folded.filter(({ counts }) => counts).map(({ facts }) => facts.auditId);
    expect(new Set(counted).size).toBe(counted.length);
    const requests = new Set(folded.map(({ facts }) => facts.auditId));
    const missing = [...requests].filter((id) => !counted.includes(id));
    const open = folded.filter(({ facts }) => missing.includes(facts.auditId));
    // The log begins after these watches did, so their first stage is not in it.
    expect(open.every(({ facts }) => facts.verb === 'watch' && facts.stage === 'ResponseComplete')).toBe(
      true,
    );
  });

  it('gives every event its own key', () => {
    expect(new Set(folded.map(({ key }) => key)).size).toBe(244);
  });
});

describe('classification', () => {
  it.each<[string, Overrides, readonly Category[], string]>([
    [
      '401',
      { stage: 'ResponseStarted', user: {}, annotations: undefined, responseStatus: { code: 401 } },
      ['auth_failure'],
      'denied',
    ],
    ['403 forbid', forbidden('pods "a" is forbidden: User "alice" cannot get'), ['rbac_denial'], 'denied'],
    [
      '403 of Pod Security',
      forbidden('pods "a" is forbidden: violates PodSecurity "restricted:latest": x', 'allow'),
      ['psa_violation'],
      'denied',
    ],
    [
      '403 of another admission plugin',
      forbidden('pods "a" is forbidden: exceeded quota: q', 'allow'),
      ['admission_denial'],
      'denied',
    ],
    [
      '400 of a webhook',
      { responseStatus: { code: 400, message: 'admission webhook "v.example.com" denied the request: no' } },
      ['admission_denial'],
      'denied',
    ],
    [
      '422 of a ValidatingAdmissionPolicy',
      {
        responseStatus: {
          code: 422,
          message: `pods "a" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no`,
        },
      },
      ['admission_denial'],
      'denied',
    ],
    ['422 of validation', { responseStatus: { code: 422, message: 'Pod "a" is invalid' } }, [], 'failed'],
    ['404', { responseStatus: { code: 404 } }, [], 'failed'],
    [
      'an audit violation that was let through',
      {
        verb: 'create',
        annotations: {
          'authorization.k8s.io/decision': 'allow',
          'pod-security.kubernetes.io/audit-violations': 'would violate',
        },
      },
      ['psa_violation'],
      'ok',
    ],
    [
      'an exemption',
      { annotations: { 'pod-security.kubernetes.io/exempt': 'namespace' } },
      ['psa_exempt'],
      'ok',
    ],
    [
      'a read of a secret',
      { objectRef: { resource: 'secrets', namespace: 'shop', name: 'db' } },
      ['secret_read'],
      'ok',
    ],
    [
      'a denied read of a secret',
      { objectRef: { resource: 'secrets', namespace: 'shop' }, ...forbidden('no') },
      ['rbac_denial'],
      'denied',
    ],
    [
      'deleting a role binding',
      {
        verb: 'delete',
        objectRef: {
          resource: 'rolebindings',
          apiGroup: 'rbac.authorization.k8s.io',
          namespace: 'shop',
          name: 'b',
        },
      },
      ['rbac_change', 'delete'],
      'ok',
    ],
    [
      'a dry run of a delete',
      { verb: 'delete', requestURI: '/api/v1/namespaces/shop/pods/a?dryRun=All' },
      [],
      'ok',
    ],
    [
      'a node reading a pod that left it',
      {
        user: { username: 'system:node:n1' },
        ...forbidden(`pods "a" is forbidden: no relationship found between node 'n1' and this object`),
      },
      [],
      'denied',
    ],
    [
      'a node reading a secret it does not mount',
      {
        user: { username: 'system:node:n1' },
        objectRef: { resource: 'secrets', namespace: 'shop', name: 'db' },
        ...forbidden(`secrets "db" is forbidden: no relationship found between node 'n1' and this object`),
      },
      ['rbac_denial'],
      'denied',
    ],
    ['a panic', { stage: 'Panic', responseStatus: { code: 500 } }, [], 'failed'],
  ])('%s', (_, overrides, categories, outcome) => {
    const { record, counts } = map(event(overrides));
    expect({ categories: record.categories, outcome: record.outcome, counts }).toEqual({
      categories,
      outcome,
      counts: true,
    });
  });
});

describe('words', () => {
  it.each<[Overrides, string]>([
    [event({}), 'alice read pod a in shop'],
    [
      event({ verb: 'list', objectRef: { resource: 'secrets', namespace: 'shop' }, ...forbidden('no') }),
      'alice tried to list secrets in shop. Denied',
    ],
    [
      event({ verb: 'list', objectRef: { resource: 'networkpolicies' } }),
      'alice listed networkpolicies in all namespaces',
    ],
    [exec({ stage: 'ResponseStarted' }), 'alice ran sh -c ls / in shop/a (c)'],
    [
      exec({ stage: 'ResponseStarted', ...forbidden('no') }),
      'alice tried to run sh -c ls / in shop/a (c). Denied',
    ],
    [
      event({
        verb: 'list',
        user: {},
        objectRef: { resource: 'pods', namespace: 'shop' },
        responseStatus: { code: 401 },
      }),
      'Unauthenticated request from 10.0.0.9 to list pods in shop. Denied',
    ],
    [
      event({
        verb: 'create',
        user: { username: 'system:serviceaccount:shop:robot' },
        objectRef: { resource: 'pods', namespace: 'shop' },
        ...forbidden('pods "a" is forbidden: violates PodSecurity "restricted:latest": x', 'allow'),
      }),
      'service account shop/robot tried to create a pod in shop. Denied by Pod Security (restricted)',
    ],
    [event({ objectRef: undefined, requestURI: '/healthz?x=1' }), 'alice read /healthz'],
    [
      event({ verb: 'delete', responseStatus: { code: 404 } }),
      'alice tried to delete pod a in shop. Failed: not found',
    ],
    [event({ verb: 'patch', impersonatedUser: { username: 'root' } }), 'alice as root changed pod a in shop'],
  ])('%#: %s', (raw, summary) => {
    expect(map(raw).record.summary).toBe(summary);
  });

  it('names who, from where, with what and on what', () => {
    const { record } = map(exec({ stage: 'ResponseStarted' }));
    expect(record).toMatchObject({
      timeNs: '1795245058123456000',
      source: 'k8s_audit',
      type: 'get',
      user: 'alice',
      peer: '10.0.0.9',
      process: 'kubectl',
      object: 'pods/a/exec',
      namespace: 'shop',
      pod: 'a',
      container: 'c',
      priority: 6,
    });
  });
});

describe('stages', () => {
  const at = (second: number): Overrides => ({
    requestReceivedTimestamp: '2026-11-21T07:10:58.000000Z',
    stageTimestamp: `2026-11-21T07:10:${second}.000000Z`,
  });

  it('counts one exec once when both stages come', () => {
    const folded = foldAll([exec({ stage: 'ResponseStarted', ...at(58) }), exec({ ...at(59) })]);
    expect(folded.map(({ counts }) => counts)).toEqual([true, false]);
    expect(countOf(folded, 'exec')).toBe(1);
  });

  it('counts one exec once when the policy omits ResponseStarted', () => {
    const later = {
      requestReceivedTimestamp: '2026-11-21T07:10:58.500000Z',
      stageTimestamp: '2026-11-21T07:10:59.0Z',
    };
    const folded = foldAll([event({ auditID: 'first', ...at(58) }), exec(later)]);
    expect(countOf(folded, 'exec')).toBe(1);
  });

  it('does not count the end of a session that began before the stream', () => {
    expect(countOf(foldAll([event({ auditID: 'first', ...at(59) }), exec({ ...at(59) })]), 'exec')).toBe(0);
  });

  it('never counts RequestReceived', () => {
    const { counts, record } = map(event({ stage: 'RequestReceived' }));
    expect({ counts, categories: record.categories }).toEqual({ counts: false, categories: [] });
  });

  it('marks the session that follows a denied WebSocket attempt and keeps the denial', () => {
    const denied = exec({ auditID: 'ws', stage: 'ResponseStarted', ...forbidden('cannot get pods/exec') });
    const fallback = exec({ auditID: 'spdy', verb: 'create', stage: 'ResponseStarted' });
    const [first, second] = foldAll([denied, fallback]);
    expect(first?.record.categories).toEqual(['rbac_denial']);
    expect(second?.record.summary).toBe(
      'alice ran sh -c ls / in shop/a (c) (its WebSocket attempt had been denied)',
    );
  });
});

describe('hostile input', () => {
  it.each<[string, unknown]>([
    ['null', null],
    ['an array', [base]],
    ['a string', 'x'],
    ['no auditID', event({ auditID: undefined })],
    ['an auditID of the wrong type', event({ auditID: 7 })],
    ['no stage', event({ stage: '' })],
    ['a time before 1970', event({ stageTimestamp: '1601-01-01T00:00:00Z', requestReceivedTimestamp: 1 })],
    ['a time that is none', event({ stageTimestamp: 'soon', requestReceivedTimestamp: null })],
  ])('refuses %s', (_, raw) => {
    expect(mapAuditEvent(raw).ok).toBe(false);
  });

  it('keeps identity and metadata of an event too large to store, and says what it left out', () => {
    const big = event({ requestObject: { data: 'x'.repeat(2 * 1024 * 1024) }, responseObject: {} });
    const { record } = map(big);
    expect(JSON.stringify(record.raw).length).toBeLessThanOrEqual(AUDIT_RAW_BYTES_MAX);
    expect(record.raw).toMatchObject({
      auditID: 'a-1',
      user: { username: 'alice' },
      eyrieOmitted: { members: ['requestObject', 'responseObject'] },
    });
  });

  it('survives bodies nested 100,000 deep', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(map(event({ requestObject: deep })).record.raw).toMatchObject({
      auditID: 'a-1',
      eyrieOmitted: {},
    });
  });

  it('replaces NUL and lone surrogates, which the database refuses', () => {
    const nasty = 'a\0b\ud800';
    const { record } = map(event({ user: { username: nasty }, requestObject: { [nasty]: [nasty] } }));
    expect(JSON.stringify(record)).not.toMatch(/\\u0000|\\ud800/);
    expect(record.user).toBe('a\ufffdb\ufffd');
  });

  it('never throws, and what it accepts fits the wire', { timeout: 60_000 }, () => {
    const value = fc.oneof(
      fc.anything({ withNullPrototype: true }),
      fc.string({ unit: 'binary' }),
      fc.string({ minLength: 4_000, maxLength: 9_000 }),
    );
    const hostile = fc.record(
      Object.fromEntries(
        Object.entries(base).map(([name, good]) => [name, fc.oneof(fc.constant(good), value)]),
      ),
      { requiredKeys: [] },
    );
    const folder = new AuditFolder();
    fc.assert(
      fc.property(fc.oneof(hostile, fc.anything()), (raw) => {
        const mapped = mapAuditEvent(raw);
        if (!mapped.ok) return;
        const item = { k: 'event', ...folder.fold(mapped).record };
        expect(eventItemSchema.safeParse(item).error).toBeUndefined();
        expect(JSON.stringify(item)).not.toContain('\\u0000');
      }),
      { numRuns: 500, endOnFailure: true },
    );
  });
});
