import type { EventRecord, GapRecord } from '../../core/events/event.ts';
import type { IngestHeader } from '../../core/wire/ingest.ts';

/** Nanoseconds since the epoch as the wire has them. */
export function toNs(time: Date): string {
  return `${time.getTime()}000000`;
}

/** A plain process start in a pod; tests name only what they are about. */
export function makeEvent(change: Partial<EventRecord> = {}): EventRecord {
  return {
    timeNs: toNs(new Date()),
    source: 'syscall',
    type: 'execve',
    categories: ['process'],
    outcome: 'ok',
    priority: 6,
    summary: 'nginx started nginx',
    node: 'node-1',
    namespace: 'shop',
    pod: 'web-7d4b9c-x2k4q',
    podUid: '7d1b7d7c-6a55-4f0e-8d0a-3a2b1c0d9e8f',
    container: 'web',
    containerId: 'a'.repeat(64),
    image: 'nginx:1.29',
    workload: 'Deployment/web',
    user: 'root',
    process: 'nginx',
    pid: 4242,
    enrichment: 'filled',
    fields: {
      'evt.type': 'execve',
      'proc.name': 'nginx',
      'proc.pid': 4242,
      'proc.cmdline': 'nginx -g daemon off;',
    },
    ...change,
  };
}

/** An alert: an event that a rule matched. */
export function makeAlert(change: Partial<EventRecord> = {}): EventRecord {
  return makeEvent({
    rule: 'Terminal shell in container',
    priority: 5,
    output: 'A shell was spawned in a container with an attached terminal',
    tags: ['container', 'shell', 'mitre_execution', 'T1059'],
    summary: 'bash started with a terminal in web',
    process: 'bash',
    ...change,
  });
}

/** An audit event as core/events/k8s-audit.ts makes it. */
export function makeAudit(
  change: Partial<EventRecord> & { readonly auditId: string; readonly stage?: string },
): EventRecord {
  const { auditId, stage = 'ResponseComplete', ...rest } = change;
  return {
    timeNs: toNs(new Date()),
    source: 'k8s_audit',
    type: 'get',
    categories: ['secret_read'],
    outcome: 'ok',
    priority: 6,
    summary: 'alice got secrets/db in shop',
    namespace: 'shop',
    user: 'alice',
    object: 'secrets/db',
    enrichment: 'none',
    fields: { 'ka.auditid': auditId, 'ka.stage': stage, 'ka.verb': 'get', 'ka.user.name': 'alice' },
    raw: { auditID: auditId, stage, verb: 'get' },
    ...rest,
  };
}

/** A gap of ten seconds that ends now. */
export function makeGap(change: Partial<GapRecord> = {}): GapRecord {
  const now = Date.now();
  return {
    source: 'syscall',
    node: 'node-1',
    startNs: toNs(new Date(now - 10_000)),
    endNs: toNs(new Date(now)),
    cause: 'probe_drop',
    count: 17,
    ...change,
  };
}

export type BatchItem = { readonly k: 'event' | 'gap' | 'fill' } & object;
export const eventItem = (event: EventRecord): BatchItem => ({ k: 'event', ...event });
export const gapItem = (gap: GapRecord): BatchItem => ({ k: 'gap', ...gap });

/** The body of POST /api/v1/ingest; an item may be a raw line, to make it a bad one. */
export function makeBatch(header: IngestHeader, items: readonly (BatchItem | string)[]): Buffer {
  const lines = [header, ...items].map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
  return Buffer.from(`${lines.join('\n')}\n`);
}
