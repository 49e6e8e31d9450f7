import { z } from 'zod';
import type { GapRecord } from '../../core/events/event.ts';
import type { Detector } from '../detect/detector.ts';
import { parseJson } from '../parse-json.ts';
import { eventLine, gapLine } from '../spool/item.ts';
import type { Spool } from '../spool/spool.ts';
import { type LogPosition, logPositionSchema } from './log-position.ts';
import { type LogLines, LogTail } from './log-tail.ts';

export type AuditLogOptions = {
  readonly path: string;
  readonly node: string;
  readonly spool: Spool;
  readonly detector: Detector;
  readonly nowMs: () => number;
  readonly onError: (message: string) => void;
  readonly pollMs?: number;
};

const CHECKPOINT = 'audit-log';
/** Buffered audit backends write within seconds; later than this, detection was late. */
const LAG_NS = 60_000_000_000n;
const checkpointSchema = z.object({ position: logPositionSchema, lastNs: z.string().regex(/^\d+$/) });

/**
 * Reads the API server's audit log into the spool. Each step stores the events together with the position
 * after them. Lines that are no audit event cost themselves and become a gap of cause `rejected`.
 */
export class AuditLog {
  readonly counters = { audit_lines: 0, audit_rejected: 0, audit_oversized: 0 };
  readonly #options: AuditLogOptions;
  readonly #tail: LogTail;
  #lastNs: bigint;
  #lagMs = 0;
  /** First event that came late, while events come late. */
  #lateSinceNs: bigint | undefined;
  #isCatchingUp: boolean;

  constructor(options: AuditLogOptions) {
    this.#options = options;
    const saved = checkpointSchema.safeParse(options.spool.checkpoint(CHECKPOINT));
    this.#lastNs = saved.success ? BigInt(saved.data.lastNs) : 0n;
    // On the very first start the log's past is history, not lag.
    this.#isCatchingUp = !saved.success;
    this.#tail = new LogTail({
      path: options.path,
      position: saved.success ? saved.data.position : undefined,
      onLines: (lines, position) => this.#take(lines, position),
      onLost: () => this.#reportLost(),
      onError: options.onError,
      ...(options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
    });
  }

  /** Age of the newest event when it was read; 0 before the first. A quiet log does not lag. */
  get lagMs(): number {
    return this.#lagMs;
  }

  start(): void {
    this.#tail.start();
  }

  close(): void {
    this.#tail.close();
  }

  #take({ lines, oversized }: LogLines, position: LogPosition): boolean {
    const { spool, detector } = this.#options;
    const out: string[] = [];
    let rejected = oversized;
    let reason = oversized > 0 ? 'a line is longer than 2 MiB' : '';
    let lastNs = this.#lastNs;
    for (const line of lines) {
      const verdict = detector.audit(parseJson(line));
      if (!verdict.ok) {
        rejected += 1;
        reason ||= verdict.reason;
        continue;
      }
      lastNs = verdict.timeNs;
      const gap = this.#trackLag(verdict.timeNs);
      if (gap !== undefined) out.push(gapLine(gap));
      if (verdict.record !== undefined) out.push(eventLine(verdict.record));
    }
    if (rejected > 0)
      out.push(
        gapLine(
          this.#gap('rejected', this.#lastNs || lastNs, lastNs, {
            count: rejected,
            detail: `audit log: ${reason}`,
          }),
        ),
      );
    if (!spool.appendWithCheckpoint(out, CHECKPOINT, { position, lastNs: String(lastNs) })) return false;
    this.#lastNs = lastNs;
    if (lastNs > 0n) this.#lagMs = Math.max(0, this.#options.nowMs() - Number(lastNs / 1_000_000n));
    this.counters.audit_lines += lines.length;
    this.counters.audit_rejected += rejected;
    this.counters.audit_oversized += oversized;
    return true;
  }

  /** The stretch in which events came more than a minute late, once they come in time again. */
  #trackLag(timeNs: bigint): GapRecord | undefined {
    const isLate = this.#nowNs() - timeNs > LAG_NS;
    if (this.#isCatchingUp) {
      this.#isCatchingUp = isLate;
      return undefined;
    }
    if (isLate) {
      this.#lateSinceNs ??= timeNs;
      return undefined;
    }
    const since = this.#lateSinceNs;
    this.#lateSinceNs = undefined;
    if (since === undefined) return undefined;
    return this.#gap('audit_lag', since, timeNs, {
      detail: 'events of this time were read more than a minute late',
    });
  }

  #reportLost(): void {
    const detail = 'the audit log was rotated or truncated before it was read; what it held is gone';
    this.#options.spool.appendGap(this.#gap('audit_lost', this.#lastNs, this.#nowNs(), { detail }));
  }

  #gap(cause: GapRecord['cause'], startNs: bigint, endNs: bigint, more: Partial<GapRecord>): GapRecord {
    const [first, last] = startNs <= endNs ? [startNs, endNs] : [endNs, startNs];
    return {
      source: 'k8s_audit',
      node: this.#options.node,
      startNs: String(first),
      endNs: String(last),
      cause,
      ...more,
    };
  }

  #nowNs(): bigint {
    return BigInt(this.#options.nowMs()) * 1_000_000n;
  }
}
