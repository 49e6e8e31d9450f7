import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import type { GapRecord } from '../../../core/events/event.ts';
import type { PreflightItem } from '../../../core/wire/agents.ts';
import { readRuleFiles, watchRuleFiles } from '../../detect/rule-files.ts';
import { writeFileDurably } from '../../spool/epoch.ts';
import { eventLine, gapLine } from '../../spool/item.ts';
import type { Spool } from '../../spool/spool.ts';
import { type LogPosition, logPositionSchema } from '../log-position.ts';
import { type LogLines, LogTail } from '../log-tail.ts';
import { findContainerLogs, LOG_FILES_MAX } from './log-files.ts';
import { LogMatcher, type PodContainer } from './log-matcher.ts';
import { type LogRule, type LogRulesFile, loadLogRules } from './log-rules.ts';
import { MatchBudget } from './match-budget.ts';

export type PodLogsOptions = {
  /** A YAML file of rules, or a directory of them. */
  readonly rules: string;
  /** Default /var/log/pods. */
  readonly root?: string | undefined;
  readonly stateFile: string;
  readonly node: string;
  readonly spool: Spool;
  readonly nowMs: () => number;
  readonly onError: (message: string) => void;
  /** Default 5 s: how often new containers are looked for and positions are kept. */
  readonly everyMs?: number;
};

type Following = {
  readonly container: PodContainer;
  readonly tail: LogTail;
  rules: readonly LogRule[];
  unseen: number;
};

const CHECKPOINT = 'pod-log';
const POLL_MS = 1_000;
/** Looks at the directory in which a log was missing before it is let go: its rest is read by then. */
const UNSEEN_MAX = 2;
const positions = z.record(z.string(), logPositionSchema);
const stateSchema = z.object({
  version: z.number().int(),
  /** Rules in force; lines from before new ones are not looked at. */
  rulesVersion: z.string(),
  fromNs: z.string().regex(/^\d+$/),
  positions,
});
const stepSchema = z.object({ version: z.number().int(), positions });

/**
 * Matches the logs of containers with the operator's rules. Only logs that a rule selects are opened.
 * Positions are kept in a file; those of the last matches are stored with the events, so that each match is
 * told once. Errors: never throws; rules with a fault are refused as a whole, and those before stay.
 */
export class PodLogs {
  readonly counters = {
    pod_log_lines: 0,
    pod_log_events: 0,
    pod_log_oversized: 0,
    pod_log_dropped: 0,
    pod_log_lost: 0,
    pod_log_faults: 0,
  };
  readonly #options: PodLogsOptions;
  readonly #root: string;
  readonly #following = new Map<string, Following>();
  readonly #positions = new Map<string, LogPosition>();
  #recent: Record<string, LogPosition> = {};
  #version = 0;
  readonly #budget = new MatchBudget();
  #rules: readonly LogRule[] = [];
  #rulesVersion = '';
  #fromNs = 0n;
  #refused: string | undefined;
  #isCut = false;
  #unreadable = 0;
  #isDirty = false;
  #watcher: { close(): void } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PodLogsOptions) {
    this.#options = options;
    this.#root = options.root ?? '/var/log/pods';
    this.#loadState();
    this.reload();
  }

  start(): void {
    const { rules, everyMs } = this.#options;
    this.#watcher = watchRuleFiles(isDirectory(rules) ? rules : dirname(rules), () => this.reload());
    this.#timer = setInterval(() => this.#look(), everyMs ?? 5_000);
    this.#look();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#watcher?.close();
    for (const { tail } of this.#following.values()) tail.close();
    this.#following.clear();
    this.#save();
  }

  /** Reads the rules again; they take effect at once. */
  reload(): void {
    const read = this.#readRules();
    if (!read.ok) {
      this.#refused = read.faults.slice(0, 3).join('; ');
      this.counters.pod_log_faults += 1;
      this.#options.onError(`rules for container logs refused, those before stay: ${read.faults.join('; ')}`);
      return;
    }
    this.#refused = undefined;
    this.#rules = read.rules;
    if (read.version !== this.#rulesVersion) {
      this.#rulesVersion = read.version;
      this.#fromNs = this.#nowNs();
      this.#isDirty = true;
    }
    for (const following of this.#following.values()) following.rules = this.#rulesFor(following.container);
  }

  get health(): PreflightItem {
    const name = 'pod_log';
    const detail = `${this.#rules.length} rules, ${this.#following.size} logs followed`;
    if (this.#refused !== undefined)
      return {
        name,
        state: 'degraded',
        detail: `rules refused: ${this.#refused}`.slice(0, 1_024),
        fix: 'Correct the rules file; it is read again when it changes.',
      };
    try {
      accessSync(this.#root, constants.R_OK | constants.X_OK);
    } catch (err) {
      const isMissing = err instanceof Error && 'code' in err && err.code === 'ENOENT';
      const why = isMissing ? 'does not exist' : `may not be read by user ${process.getuid?.() ?? '?'}`;
      const fix = isMissing
        ? 'Mount /var/log/pods of the node into the agent.'
        : 'Run the agent as root, or give it the group of the logs.';
      return { name, state: 'blind', detail: `${this.#root} ${why}`, fix };
    }
    if (this.#unreadable > 0) {
      const fix =
        'Run the agent as root, or with CAP_DAC_READ_SEARCH: the runtime writes these files for root alone.';
      const state = this.#unreadable === this.#following.size ? 'blind' : 'degraded';
      return { name, state, detail: `${detail}, ${this.#unreadable} of them may not be read`, fix };
    }
    if (this.#isCut)
      return {
        name,
        state: 'degraded',
        detail: `${detail}, more than ${LOG_FILES_MAX}: narrow the rules' selectors`,
      };
    return { name, state: 'ok', detail };
  }

  #readRules(): ReturnType<typeof loadLogRules> {
    const { rules } = this.#options;
    try {
      const files: LogRulesFile[] = isDirectory(rules)
        ? readRuleFiles(rules)
        : [{ name: basename(rules), text: readFileSync(rules, 'utf8') }];
      return loadLogRules(files);
    } catch (err) {
      return { ok: false, faults: [err instanceof Error ? err.message : String(err)] };
    }
  }

  #rulesFor(container: PodContainer): readonly LogRule[] {
    return this.#rules.filter((rule) => rule.selects(container));
  }

  /** Follows what is new and selected, lets go what is gone, and keeps the positions. */
  #look(): void {
    try {
      const there = new Map(findContainerLogs(this.#root).map((container) => [container.path, container]));
      for (const [path, following] of this.#following) {
        following.unseen = there.has(path) ? 0 : following.unseen + 1;
        if (following.unseen <= UNSEEN_MAX && following.rules.length > 0) continue;
        following.tail.close();
        this.#following.delete(path);
      }
      for (const path of this.#positions.keys()) {
        if (!there.has(path) && !this.#following.has(path)) this.#forget(path);
      }
      this.#isCut = false;
      for (const container of there.values()) {
        if (this.#following.has(container.path) || this.#rulesFor(container).length === 0) continue;
        if (this.#following.size < LOG_FILES_MAX) this.#follow(container);
        else this.#isCut = true;
      }
      this.#unreadable = [...this.#following.keys()].filter((path) => !isReadable(path)).length;
      this.#save();
    } catch (err) {
      this.#fault(String(err));
    }
  }

  #follow(container: PodContainer): void {
    const matcher = new LogMatcher(this.#options.node, container, this.#budget);
    const tail = new LogTail({
      path: container.path,
      position: this.#positions.get(container.path),
      pollMs: POLL_MS,
      onLines: (lines, position) => this.#take(following, matcher, lines, position),
      onLost: () => {
        this.counters.pod_log_lost += 1;
        const detail = `${container.path} was rotated before it was read; what it held is gone`;
        this.#options.spool.appendGap({ ...this.#gapAt(this.#nowNs()), cause: 'log_lost', detail });
      },
      onError: (message) => this.#fault(message),
    });
    const following: Following = { container, tail, rules: this.#rulesFor(container), unseen: 0 };
    this.#following.set(container.path, following);
    tail.start();
  }

  #take(
    { container, rules }: Following,
    matcher: LogMatcher,
    { lines, oversized }: LogLines,
    position: LogPosition,
  ): boolean {
    const at = { nowNs: this.#nowNs(), fromNs: this.#fromNs };
    const out = lines.flatMap((line) => matcher.read(line, rules, at)).map(eventLine);
    const events = out.length;
    const skipped = matcher.takeSkipped();
    if (skipped + oversized > 0) {
      const detail = `${container.path}: lines were longer than 2 MiB, or came faster than its rules can match`;
      const count = skipped + oversized;
      out.push(gapLine({ ...this.#gapAt(at.nowNs), cause: 'rejected', count, detail }));
    }
    if (out.length > 0) {
      const recent = { ...this.#recent, [container.path]: position };
      const step = { version: this.#version, positions: recent };
      if (!this.#options.spool.appendWithCheckpoint(out, CHECKPOINT, step)) return false;
      this.#recent = recent;
    }
    this.#positions.set(container.path, position);
    this.#isDirty = true;
    this.counters.pod_log_lines += lines.length;
    this.counters.pod_log_events += events;
    this.counters.pod_log_oversized += oversized;
    this.counters.pod_log_dropped += skipped;
    return true;
  }

  #gapAt(ns: bigint): Pick<GapRecord, 'source' | 'node' | 'startNs' | 'endNs'> {
    return { source: 'pod_log', node: this.#options.node, startNs: String(ns), endNs: String(ns) };
  }

  #forget(path: string): void {
    this.#positions.delete(path);
    this.#isDirty = true;
  }

  #loadState(): void {
    const saved = stateSchema.safeParse(readJson(this.#options.stateFile));
    if (!saved.success) return;
    this.#version = saved.data.version;
    this.#rulesVersion = saved.data.rulesVersion;
    this.#fromNs = BigInt(saved.data.fromNs);
    const step = stepSchema.safeParse(this.#options.spool.checkpoint(CHECKPOINT));
    const isNewer = step.success && step.data.version === this.#version;
    const all = { ...saved.data.positions, ...(isNewer ? step.data.positions : {}) };
    for (const [path, position] of Object.entries(all)) this.#positions.set(path, position);
  }

  #save(): void {
    if (!this.#isDirty) return;
    const version = this.#version + 1;
    const state = {
      version,
      rulesVersion: this.#rulesVersion,
      fromNs: String(this.#fromNs),
      positions: Object.fromEntries(this.#positions),
    };
    try {
      writeFileDurably(this.#options.stateFile, JSON.stringify(state));
      this.#version = version;
      this.#recent = {};
      this.#isDirty = false;
    } catch (err) {
      this.#fault(`positions of container logs: ${String(err)}`);
    }
  }

  #fault(message: string): void {
    this.counters.pod_log_faults += 1;
    const { pod_log_faults: count } = this.counters;
    if ((count & (count - 1)) === 0) this.#options.onError(message);
  }

  #nowNs(): bigint {
    return BigInt(Math.trunc(this.#options.nowMs())) * 1_000_000n;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch (err) {
    return err instanceof Error && 'code' in err && err.code === 'ENOENT';
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
