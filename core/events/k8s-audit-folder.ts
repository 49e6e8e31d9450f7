import { countAudit, isEnd, type MappedAudit } from './k8s-audit.ts';
import { isLongRunning } from './k8s-audit-classify.ts';
import type { AuditFacts } from './k8s-audit-facts.ts';

/** 100,000 open requests × about 120 bytes = 12 MB at most; a 5,000-node cluster has about 50,000 watches. */
const OPEN_MAX = 100_000;
const DENIED_MAX = 1_000;
/** kubectl falls back from WebSocket to SPDY at once; a slow link takes two round trips. */
const FALLBACK_NS = 5_000_000_000n;

/**
 * Relates the events of one audit stream, in the order of arrival; time comes from the events alone.
 *
 * Stages: of a long-running request (watch, exec, attach, port-forward, proxy, log) the ResponseStarted
 * counts and the ResponseComplete repeats it. Where the audit policy omits ResponseStarted, the completion
 * counts instead: it was received after this stream began and its start did not come by. A request already
 * open when the stream began is taken as counted by whoever read the stream before.
 *
 * Fallback: kubectl opens exec and attach by WebSocket (verb get) and, when that is forbidden, by SPDY
 * (verb create). The session that follows such a 403 says so in its summary; the 403 stays a denial,
 * because a client that merely claims to be kubectl must not be able to hide one.
 */
export class AuditFolder {
  readonly #open = new Set<string>();
  /** Session target → time of its denied WebSocket attempt. */
  readonly #denied = new Map<string, bigint>();
  #beganNs: bigint | undefined;

  fold(mapped: MappedAudit): MappedAudit {
    const { facts } = mapped;
    this.#beganNs ??= facts.timeNs;
    const staged = isLongRunning(facts) ? this.#foldStage(mapped, this.#beganNs) : mapped;
    return this.#foldFallback(staged);
  }

  #foldStage(mapped: MappedAudit, beganNs: bigint): MappedAudit {
    const { facts } = mapped;
    if (facts.stage === 'ResponseStarted') {
      this.#open.add(facts.auditId);
      trim(this.#open, OPEN_MAX);
      return mapped;
    }
    if (!isEnd(facts.stage)) return mapped;
    const hadStart = this.#open.delete(facts.auditId);
    return hadStart || facts.receivedNs < beganNs ? mapped : countAudit(mapped);
  }

  #foldFallback(mapped: MappedAudit): MappedAudit {
    const { facts } = mapped;
    if (facts.subresource !== 'exec' && facts.subresource !== 'attach') return mapped;
    const target = sessionTarget(facts);
    if (facts.verb === 'get' && facts.code === 403 && facts.decision === 'forbid') {
      this.#denied.set(target, facts.timeNs);
      trim(this.#denied, DENIED_MAX);
      return mapped;
    }
    if (facts.verb !== 'create' || facts.code !== 101) return mapped;
    const deniedNs = this.#denied.get(target);
    this.#denied.delete(target);
    if (deniedNs === undefined || facts.receivedNs - deniedNs > FALLBACK_NS) return mapped;
    const summary = `${mapped.record.summary} (its WebSocket attempt had been denied)`.slice(0, 1_024);
    return { ...mapped, record: { ...mapped.record, summary: summary.toWellFormed() } };
  }
}

function sessionTarget(facts: AuditFacts): string {
  return JSON.stringify([facts.user, facts.peer, facts.namespace, facts.name, facts.subresource]);
}

/** Drops the oldest entries beyond `max`; sets and maps iterate in insertion order. */
function trim(entries: Set<string> | Map<string, bigint>, max: number): void {
  for (const key of entries.keys()) {
    if (entries.size <= max) return;
    entries.delete(key);
  }
}
