import { createHash } from 'node:crypto';
import type { IngestItem } from '../../core/wire/ingest.ts';

export type EventItem = Extract<IngestItem, { k: 'event' }>;

/**
 * Makes the ids of one stream: a resend of (agent, epoch, seq) gets the id it had.
 * Shape: UUID version 8 — 40 bits of SHA-256(agentId), 32 bits epoch, 48 bits seq; ids of one stream
 * sort by seq, so events of the same microsecond keep their order.
 */
export function streamEventId(agentId: string, epoch: number): (seq: number) => string {
  const agent = createHash('sha256').update(agentId.toLowerCase()).digest('hex').slice(0, 10);
  const hex = epoch.toString(16).padStart(8, '0');
  const head = `${agent.slice(0, 8)}-${agent.slice(8)}${hex.slice(0, 2)}-8${hex.slice(2, 5)}-8${hex.slice(5)}-`;
  return (seq) => head + seq.toString(16).padStart(12, '0');
}

/**
 * Id of an audit event by what it is, not by which path brought it: the log file and the webhook give
 * the same id. Undefined when the item does not say its audit id.
 */
export function auditEventId(item: EventItem): string | undefined {
  if (item.source !== 'k8s_audit') return undefined;
  const raw = item.raw as { auditID?: unknown; stage?: unknown } | null | undefined;
  const auditId = raw?.auditID ?? item.fields['ka.auditid'];
  const stage = raw?.stage ?? item.fields['ka.stage'];
  if (typeof auditId !== 'string' || auditId === '' || typeof stage !== 'string') return undefined;
  return auditStageId(auditId, stage);
}

/** Id of one stage of an API request. */
export function auditStageId(auditId: string, stage: string): string {
  const hex = createHash('sha256').update(`${auditId}\0${stage}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
