import type { EventRecord } from '../../../core/events/event.ts';
import { parseMessage } from './parse-message.ts';
import { type LogEntry, nodeLogRecord } from './record.ts';

/** rsyslog folds equal lines; each was one attempt. More of them than this are one event each no longer. */
const REPEATED_MAX = 100;
const PROCESSES_MAX = 4_096;
/** A pid means the same process for at least this long. */
const SAME_PROCESS_NS = 600_000_000_000n;
/** The server refuses what is further ahead; a clock that was set back leaves such lines. */
const FUTURE_NS_MAX = 300_000_000_000n;

/** Turns log entries into records and counts each failed attempt once, though several lines tell of it. */
export class LogReader {
  readonly #node: string;
  /** Process that told of a failure → when. */
  readonly #failed = new Map<string, bigint>();

  constructor(node: string) {
    this.#node = node;
  }

  /** Shape: no record for an entry that tells nothing; several for one that stands for several. */
  read(given: LogEntry, nowNs: bigint): readonly EventRecord[] {
    const repeated = /^message repeated (\d{1,9}) times: \[ (.*)\]$/s.exec(given.message);
    const message = repeated?.[2] ?? given.message;
    const fact = parseMessage(given.program, message);
    if (fact === undefined) return [];
    const isAhead = given.timeNs > nowNs + FUTURE_NS_MAX;
    const entry = { ...given, message, timeNs: isAhead ? nowNs : given.timeNs };
    const counts = fact.isAuthFailure === true && !this.#isToldBefore(entry, fact.isOncePerProcess === true);
    const record = nodeLogRecord(entry, fact, { node: this.#node, counts });
    const times = Number(repeated?.[1] ?? 1);
    const fields = {
      ...record.fields,
      ...(repeated === null ? {} : { 'log.repeated': times }),
      ...(isAhead ? { 'log.time_ahead': new Date(Number(given.timeNs / 1_000_000n)).toISOString() } : {}),
    };
    return Array<EventRecord>(Math.max(1, Math.min(times, REPEATED_MAX))).fill({ ...record, fields });
  }

  #isToldBefore({ program, pid, timeNs }: LogEntry, isOnce: boolean): boolean {
    if (pid === undefined) return false;
    const key = `${program} ${pid}`;
    const before = this.#failed.get(key);
    this.#failed.delete(key);
    this.#failed.set(key, timeNs);
    if (this.#failed.size > PROCESSES_MAX) {
      const oldest = this.#failed.keys().next();
      if (!oldest.done) this.#failed.delete(oldest.value);
    }
    return isOnce && before !== undefined && timeNs - before < SAME_PROCESS_NS;
  }
}
