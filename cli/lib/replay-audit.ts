import type { AuditEvent } from '../../core/events/syscall.ts';
import { asList, asText, at } from '../../core/fields/json.ts';

/** Depth of arrays within arrays; each level may hold the next. */
const NESTING_MAX = 8;

/** Longest JSON text taken in one piece: an EventList of the API server stays far below. */
export const AUDIT_TEXT_MAX = 256 * 1024 * 1024;

/**
 * Audit events in a JSON value: one Event, an EventList, or an array of either.
 * Errors: throws Error in the words of Falco's k8saudit plugin; then none of the value counts.
 */
export function auditEvents(value: unknown, depth = 0): readonly AuditEvent[] {
  if (Array.isArray(value)) {
    if (depth >= NESTING_MAX) throw new Error(`arrays are nested deeper than ${NESTING_MAX}`);
    return value.flatMap((item) => auditEvents(item, depth + 1));
  }
  const kind = at(value, 'kind');
  if (kind === 'EventList') return asList(at(value, 'items')).map(auditEvent);
  if (kind === 'Event') return [auditEvent(value)];
  throw new Error('data not recognized as a k8s audit event');
}

function auditEvent(raw: unknown): AuditEvent {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw new Error('data not recognized as a k8s audit event');
  const stamp = asText(at(raw, 'stageTimestamp'));
  if (stamp === undefined) throw new Error("can't read stageTimestamp");
  const timeNs = timestampNs(stamp);
  if (timeNs === undefined) throw new Error(`can't parse stageTimestamp '${stamp.slice(0, 64)}'`);
  return { source: 'k8s_audit', timeNs, raw: raw as AuditEvent['raw'] };
}

/** RFC 3339 with up to nine decimals, as Go writes it. */
function timestampNs(text: string): bigint | undefined {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (!parts) return undefined;
  const seconds = Date.parse(`${parts[1]}${parts[3]}`);
  if (Number.isNaN(seconds)) return undefined;
  return BigInt(seconds) * 1_000_000n + BigInt((parts[2] ?? '').padEnd(9, '0'));
}

/**
 * Reads audit events from text that arrives in pieces: JSON lines, or one JSON value over many lines. What is
 * no audit event is told to `warn` with its line and skipped, as Falco's plugin does.
 */
export class AuditReader {
  readonly #onEvent: (event: AuditEvent) => void;
  readonly #warn: (message: string) => void;
  #line = 0;
  #rest = '';
  /** Set once a line is not JSON by itself: the whole text is then one value. */
  #whole: string[] | undefined;
  #retried = false;
  #chars = 0;

  constructor(onEvent: (event: AuditEvent) => void, warn: (message: string) => void) {
    this.#onEvent = onEvent;
    this.#warn = warn;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > AUDIT_TEXT_MAX) throw new Error('a line is longer than 256 MiB');
    for (const line of lines) this.#take(line);
  }

  end(): void {
    if (this.#rest !== '') this.#take(this.#rest);
    this.#rest = '';
    const lines = this.#whole;
    if (!lines) return;
    this.#whole = undefined;
    let value: unknown;
    try {
      value = JSON.parse(lines.join('\n'));
    } catch {
      // Not one value after all: JSON lines of which the first is broken.
      this.#line = 0;
      for (const line of lines) this.#takeLine(line);
      return;
    }
    this.#line = 1;
    this.#emit(value);
  }

  #take(line: string): void {
    if (!this.#whole) {
      this.#takeLine(line);
      return;
    }
    this.#chars += line.length + 1;
    if (this.#chars > AUDIT_TEXT_MAX) throw new Error('a JSON value is longer than 256 MiB');
    this.#whole.push(line);
  }

  #takeLine(line: string): void {
    this.#line++;
    const text = line.trim();
    if (text === '') return;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (err) {
      // Only a first line can start a value that goes on over the next ones.
      if (this.#line === 1 && !this.#retried) {
        this.#retried = true;
        this.#whole = [line];
      } else this.#warn(`line ${this.#line}: not JSON: ${err instanceof Error ? err.message : String(err)}`);
      return;
    }
    this.#emit(value);
  }

  #emit(value: unknown): void {
    let events: readonly AuditEvent[];
    try {
      events = auditEvents(value);
    } catch (err) {
      this.#warn(`line ${this.#line}: ${err instanceof Error ? err.message : String(err)}`);
      return;
    }
    for (const event of events) this.#onEvent(event);
  }
}
