import type { EventRecord } from '../../core/events/event.ts';
import { mapAuditEvent } from '../../core/events/k8s-audit.ts';
import { AuditFolder } from '../../core/events/k8s-audit-folder.ts';
import type { EngineEvent, SyscallEvent } from '../../core/events/syscall.ts';
import { recordFields } from '../../core/fields/record.ts';
import type { Match, Ruleset } from '../../core/rules/ruleset.ts';
import { Activity, type ActivityLevel } from './activity.ts';
import { syscallRecord } from './syscall-record.ts';

const OPENS: ReadonlySet<string> = new Set(['open', 'openat', 'openat2', 'creat', 'open_by_handle_at']);

export type DetectorOptions = {
  readonly node: string;
  readonly ruleset: () => Ruleset | undefined;
  readonly activity: ActivityLevel;
  readonly onError: (message: string) => void;
  /** Domain names that the rules ask for, by address. */
  readonly domainNames?: () => ReadonlyMap<string, readonly string[]>;
};

export type AuditVerdict =
  | { readonly ok: true; readonly timeNs: bigint; readonly record: EventRecord | undefined }
  | { readonly ok: false; readonly reason: string };

/**
 * Runs the ruleset over events and decides what is stored: all alerts, every audit request once, and the
 * activity of the level.
 * Errors: a fault while evaluating one event is counted and costs that event's verdict only.
 */
export class Detector {
  readonly activity: Activity;
  readonly counters = { syscall_events: 0, audit_events: 0, alerts: 0, stored: 0, detect_faults: 0 };
  readonly #options: DetectorOptions;
  readonly #folder = new AuditFolder();

  constructor(options: DetectorOptions) {
    this.#options = options;
    this.activity = new Activity(options.activity);
  }

  /** The record to store; undefined when nothing asks for the event. */
  syscall(event: SyscallEvent): EventRecord | undefined {
    this.counters.syscall_events += 1;
    const { domainNames } = this.#options;
    if (event.fd?.tuple !== undefined && domainNames !== undefined) event.domainNames = domainNames();
    const match = this.#match(event);
    if (match === undefined && !this.activity.keeps(event)) return undefined;
    try {
      const record = syscallRecord(event, match, this.#options.node);
      this.counters.stored += 1;
      return record;
    } catch (err) {
      this.#fault(event.type, err);
      return undefined;
    }
  }

  /** Errors: { ok: false } when it is no audit event. */
  audit(raw: unknown): AuditVerdict {
    this.counters.audit_events += 1;
    const mapped = mapAuditEvent(raw);
    if (!mapped.ok) return mapped;
    const { record, event, counts } = this.#folder.fold(mapped);
    const match = this.#match(event);
    if (match === undefined && !counts) return { ok: true, timeNs: event.timeNs, record: undefined };
    this.counters.stored += 1;
    return {
      ok: true,
      timeNs: event.timeNs,
      record: {
        ...record,
        priority: match?.priority ?? record.priority,
        rule: match?.rule,
        output: match?.output,
        tags: match?.tags,
        fields: this.#fields(event),
      },
    };
  }

  #match(event: EngineEvent): Match | undefined {
    try {
      const ruleset = this.#options.ruleset();
      const match =
        ruleset?.match(event) ?? (event.source === 'syscall' ? this.#byRealName(event, ruleset) : undefined);
      if (match !== undefined) this.counters.alerts += 1;
      return match;
    } catch (err) {
      this.#fault(event.source, err);
      return undefined;
    }
  }

  /** Rules name files; a link in the path must not hide one: what was opened counts like what was spelled. */
  #byRealName(event: SyscallEvent, ruleset: Ruleset | undefined): Match | undefined {
    const opened = asOpened(event);
    const match = opened && ruleset?.match(opened);
    if (match !== undefined) event.fd = opened?.fd;
    return match;
  }

  #fields(event: EngineEvent): EventRecord['fields'] {
    try {
      return recordFields(event);
    } catch (err) {
      this.#fault(event.source, err);
      return {};
    }
  }

  #fault(what: string, err: unknown): void {
    this.counters.detect_faults += 1;
    // The first one of each power of two is logged: a hot fault must not flood the log.
    const { detect_faults: count } = this.counters;
    if ((count & (count - 1)) === 0)
      this.#options.onError(`evaluating ${what} (fault ${count}): ${String(err)}`);
  }
}

/** The event under the opened file's own path; undefined where that is what was spelled. */
export function asOpened(event: SyscallEvent): SyscallEvent | undefined {
  const { fd } = event;
  if (fd?.realName === undefined || !OPENS.has(event.type)) return undefined;
  return { ...event, fd: { ...fd, name: fd.realName, nameRaw: fd.nameRaw ?? fd.name } };
}
