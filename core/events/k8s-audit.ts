import type { EventRecord } from './event.ts';
import { classifyAudit, isLongRunning, sessionCategory } from './k8s-audit-classify.ts';
import { type AuditFacts, objectOf, readAuditFacts } from './k8s-audit-facts.ts';
import { limitAuditRaw } from './k8s-audit-raw.ts';
import { summarizeAudit } from './k8s-audit-summary.ts';
import type { AuditEvent } from './syscall.ts';

export type MappedAudit = {
  readonly ok: true;
  /** Without rule; `fields` is empty, core/fields/record.ts fills it from `event`. */
  readonly record: EventRecord;
  /** `auditID/stage`: the same event from the log file and from the webhook has the same key. */
  readonly key: string;
  readonly event: AuditEvent;
  readonly facts: AuditFacts;
  /**
   * Whether this stage stands for its request: one request is one stored event. False for RequestReceived,
   * and for the ResponseComplete of a long-running request, whose ResponseStarted counted. Such a stage has
   * no categories and is stored only when a rule matches it.
   */
  readonly counts: boolean;
};

export type AuditResult = MappedAudit | { readonly ok: false; readonly reason: string };

const WORKLOAD_KINDS: ReadonlyMap<string, string> = new Map([
  ['deployments', 'Deployment'],
  ['statefulsets', 'StatefulSet'],
  ['daemonsets', 'DaemonSet'],
  ['replicasets', 'ReplicaSet'],
  ['jobs', 'Job'],
  ['cronjobs', 'CronJob'],
]);

/**
 * Maps one audit.k8s.io/v1 Event to a record and classifies it. Pure: the same input gives the same record,
 * so a resend or a second source changes nothing. AuditFolder refines `counts` where a stream is at hand.
 * Errors: { ok: false, reason } when it has no auditID, stage or time; never throws, whatever the input.
 * Source: audit.k8s.io/v1.
 */
export function mapAuditEvent(raw: unknown): AuditResult {
  const read = readAuditFacts(raw);
  const root = objectOf(raw);
  if (!read.ok) return read;
  if (root === undefined) return { ok: false, reason: 'not an object' };
  const { facts } = read;
  const counts = facts.stage !== 'RequestReceived' && !(isLongRunning(facts) && isEnd(facts.stage));
  return {
    ok: true,
    record: recordOf(facts, root, counts),
    key: `${facts.auditId}/${facts.stage}`,
    event: { source: 'k8s_audit', timeNs: facts.timeNs, raw: root },
    facts,
    counts,
  };
}

/** The same event as the one that counts for its request, with its categories. */
export function countAudit(mapped: MappedAudit): MappedAudit {
  const { categories } = classifyAudit(mapped.facts);
  return { ...mapped, counts: true, record: { ...mapped.record, categories } };
}

export function isEnd(stage: string): boolean {
  return stage === 'ResponseComplete' || stage === 'Panic';
}

function recordOf(facts: AuditFacts, raw: Readonly<Record<string, unknown>>, counts: boolean): EventRecord {
  const { outcome, categories } = classifyAudit(facts);
  const isPod = facts.resource === 'pods';
  const kind = WORKLOAD_KINDS.get(facts.resource);
  const hasName = facts.name !== '';
  return {
    timeNs: String(facts.timeNs),
    source: 'k8s_audit',
    type: facts.verb === '' ? 'unknown' : facts.verb,
    categories: counts ? categories : [],
    outcome,
    priority: 6,
    summary: summarizeAudit(facts, outcome),
    node: facts.resource === 'nodes' ? orUndefined(facts.name) : undefined,
    namespace: orUndefined(facts.namespace),
    pod: isPod ? orUndefined(facts.name) : undefined,
    container: sessionCategory(facts) === undefined ? undefined : containerOf(facts),
    workload: kind !== undefined && hasName ? `${kind}/${facts.name}` : undefined,
    user: orUndefined(facts.user),
    process: orUndefined(facts.userAgent.split(/[/ ]/, 1)[0]?.slice(0, 256)),
    peer: facts.peer,
    object: orUndefined(objectName(facts)),
    enrichment: 'none',
    fields: {},
    raw: limitAuditRaw(raw),
  };
}

/** `pods/a/exec`, `secrets/db`, `secrets`, or the path of a request that names no resource. */
function objectName(facts: AuditFacts): string {
  if (facts.resource === '') return facts.path.slice(0, 4_096);
  return [facts.resource, facts.name, facts.subresource].filter((part) => part !== '').join('/');
}

function containerOf(facts: AuditFacts): string | undefined {
  return orUndefined(facts.params.get('container')?.slice(0, 253).replaceAll('\0', '\ufffd').toWellFormed());
}

function orUndefined(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
