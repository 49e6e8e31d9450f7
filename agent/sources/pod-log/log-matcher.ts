import type { EventRecord } from '../../../core/events/event.ts';
import { parseContainerLine } from './cri-line.ts';
import type { LogContainer, LogRule } from './log-rules.ts';
import type { MatchBudget } from './match-budget.ts';

export type PodContainer = LogContainer & { readonly podUid: string; readonly path: string };

/** What is matched of a line; the rest of a longer one is not looked at. */
const MESSAGE_CHARS_MAX = 4_096;
const STORED_CHARS_MAX = 2_048;
/** Of one rule in one container; what is beyond is counted and told as one event. */
const PER_MINUTE_MAX = 60;
const MINUTE_NS = 60_000_000_000n;
const FUTURE_NS_MAX = 300_000_000_000n;

type Pace = { minute: bigint; told: number; held: number };

/** Joins the lines of one container's log and matches them with its rules. */
export class LogMatcher {
  readonly #node: string;
  readonly #container: PodContainer;
  readonly #partial = { stdout: '', stderr: '' };
  readonly #pace = new Map<string, Pace>();
  readonly #budget: MatchBudget;
  #skipped = 0;

  constructor(node: string, container: PodContainer, budget: MatchBudget) {
    this.#node = node;
    this.#container = container;
    this.#budget = budget;
  }

  /** Shape: no record for a line that no rule asks for, or that is older than `fromNs`. */
  read(
    line: string,
    rules: readonly LogRule[],
    at: { readonly nowNs: bigint; readonly fromNs: bigint },
  ): readonly EventRecord[] {
    const parsed = parseContainerLine(line);
    if (parsed === undefined) return [];
    const { stream, isPartial } = parsed;
    const message = `${this.#partial[stream]}${parsed.message}`.slice(0, MESSAGE_CHARS_MAX);
    this.#partial[stream] = isPartial ? message : '';
    if (isPartial || parsed.timeNs < at.fromNs) return [];
    const beganMs = performance.now();
    if (!this.#budget.has(beganMs)) {
      this.#skipped += 1;
      return [];
    }
    const matching = rules.filter((rule) => rule.matches(message));
    this.#budget.spend(performance.now() - beganMs);
    const timeNs = parsed.timeNs > at.nowNs + FUTURE_NS_MAX ? at.nowNs : parsed.timeNs;
    return matching.flatMap((rule) => {
      const held = this.#hold(rule.name, timeNs);
      if (held === undefined) return [];
      const record = this.#record(rule, { timeNs, stream, message });
      return held === 0 ? [record] : [this.#heldRecord(rule, timeNs, held), record];
    });
  }

  /** Lines that were not looked at since the last call: the log was faster than its share of time. */
  takeSkipped(): number {
    const skipped = this.#skipped;
    this.#skipped = 0;
    return skipped;
  }

  /** Undefined: too many this minute. Else how many the minute before had too many. */
  #hold(rule: string, timeNs: bigint): number | undefined {
    const minute = timeNs / MINUTE_NS;
    const pace = this.#pace.get(rule) ?? { minute, told: 0, held: 0 };
    this.#pace.set(rule, pace);
    let held = 0;
    if (pace.minute !== minute) {
      held = pace.held;
      Object.assign(pace, { minute, told: 0, held: 0 });
    }
    if (pace.told >= PER_MINUTE_MAX) {
      pace.held += 1;
      return undefined;
    }
    pace.told += 1;
    return held;
  }

  #record(rule: LogRule, line: { timeNs: bigint; stream: string; message: string }): EventRecord {
    const { namespace, pod, container, podUid, path } = this.#container;
    const message = line.message.slice(0, STORED_CHARS_MAX);
    return {
      timeNs: String(line.timeNs),
      source: 'pod_log',
      type: 'log_match',
      categories: [],
      outcome: 'ok',
      priority: rule.priority,
      rule: rule.name,
      output: `${rule.name} in ${namespace}/${pod}/${container}: ${message}`,
      tags: rule.tags,
      summary: `${namespace}/${pod}/${container} wrote: ${message.slice(0, 512)}`,
      node: this.#node,
      namespace,
      pod,
      podUid,
      container,
      object: path,
      enrichment: 'filled',
      fields: {
        'evt.type': 'log_match',
        'evt.source': 'pod_log',
        'k8s.ns.name': namespace,
        'k8s.pod.name': pod,
        'k8s.pod.uid': podUid,
        'container.name': container,
        'log.file': path,
        'log.stream': line.stream,
        'log.message': message,
      },
    };
  }

  #heldRecord(rule: LogRule, timeNs: bigint, held: number): EventRecord {
    const record = this.#record(rule, { timeNs, stream: '', message: '' });
    const summary = `${record.namespace}/${record.pod}/${record.container}: ${held} more lines matched ${rule.name} in one minute`;
    return {
      ...record,
      type: 'log_match_more',
      summary,
      output: summary,
      fields: { ...record.fields, 'log.repeated': held },
    };
  }
}
