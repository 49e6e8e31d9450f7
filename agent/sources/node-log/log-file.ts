import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { z } from 'zod';
import type { GapRecord } from '../../../core/events/event.ts';
import { eventLine, gapLine } from '../../spool/item.ts';
import type { Spool } from '../../spool/spool.ts';
import { type LogPosition, logPositionSchema, mtimeOf, readHead } from '../log-position.ts';
import { type LogLines, LogTail } from '../log-tail.ts';
import type { LogReader } from './log-reader.ts';
import type { LogCounters } from './log-state.ts';
import { parseSyslogLine } from './syslog-line.ts';

export type LogFileOptions = {
  readonly path: string;
  readonly node: string;
  readonly spool: Spool;
  readonly reader: LogReader;
  readonly counters: LogCounters;
  readonly nowMs: () => number;
  readonly onError: (message: string) => void;
  readonly pollMs?: number;
};

/** On the very first start this much of the past is read: about 100,000 lines, under a second. */
const HISTORY_BYTES_MAX = 16 * 1024 * 1024;
const HISTORY_NS = 86_400_000_000_000n;
/** Lines without an event move the saved position this often; read again after a crash they change nothing. */
const SAVE_MS = 30_000;
/** inotify tells at once; this is for file systems that do not notify. */
const POLL_MS = 1_000;
const checkpointSchema = z.object({ position: logPositionSchema, lastNs: z.string().regex(/^\d+$/) });

/** Follows one syslog file into the spool; events are stored together with the position after them. */
export class LogFile {
  readonly path: string;
  readonly #options: LogFileOptions;
  readonly #tail: LogTail;
  readonly #checkpoint: string;
  /** Lines older than this are the past of a log that was never read before. */
  readonly #oldestNs: bigint;
  #position: LogPosition | undefined;
  #isSaved = true;
  #savedAtMs: number;
  #lastNs: bigint;
  #lagMs = 0;
  #lastError: string | undefined;

  constructor(options: LogFileOptions) {
    this.path = options.path;
    this.#options = options;
    this.#checkpoint = `node-log:${options.path}`;
    this.#savedAtMs = options.nowMs();
    const saved = checkpointSchema.safeParse(options.spool.checkpoint(this.#checkpoint));
    this.#lastNs = saved.success ? BigInt(saved.data.lastNs) : 0n;
    this.#oldestNs = saved.success ? 0n : BigInt(Math.trunc(options.nowMs())) * 1_000_000n - HISTORY_NS;
    this.#position = saved.success ? saved.data.position : nearEnd(options.path);
    this.#tail = new LogTail({
      path: options.path,
      position: this.#position,
      onLines: (lines, position) => this.#take(lines, position),
      onLost: () => this.#reportLost(),
      onError: (message) => this.#fault(message),
      pollMs: options.pollMs ?? POLL_MS,
    });
  }

  start(): void {
    this.#tail.start();
  }

  close(): void {
    this.#tail.close();
    if (!this.#isSaved) this.#save([]);
  }

  /** Age of the newest line when it was read; 0 once all is read. */
  get lagMs(): number {
    const size = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    return size > (this.#position?.offset ?? 0) ? this.#lagMs : 0;
  }

  /** `missing` may come yet; `unreadable` needs a permission. */
  get state(): { readonly access: 'ok' | 'missing' | 'unreadable'; readonly text: string } {
    const { path } = this;
    try {
      accessSync(path, constants.R_OK);
    } catch (err) {
      const isMissing = err instanceof Error && 'code' in err && err.code === 'ENOENT';
      return isMissing
        ? { access: 'missing', text: `${path} does not exist` }
        : { access: 'unreadable', text: `${path} may not be read by user ${process.getuid?.() ?? '?'}` };
    }
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const offset = this.#position?.offset ?? 0;
    const newest =
      this.#lastNs === 0n
        ? 'no line yet'
        : `newest line ${new Date(Number(this.#lastNs / 1_000_000n)).toISOString()}`;
    const fault = this.#lastError === undefined ? '' : `, ${this.#lastError}`;
    return { access: 'ok', text: `${path} read to byte ${offset} of ${size}, ${newest}${fault}` };
  }

  #take({ lines, oversized }: LogLines, position: LogPosition): boolean {
    const { reader, counters, nowMs } = this.#options;
    const nowNs = BigInt(Math.trunc(nowMs())) * 1_000_000n;
    const out: string[] = [];
    let lastNs = this.#lastNs;
    let unparsed = 0;
    for (const line of lines) {
      const entry = parseSyslogLine(line, nowMs());
      if (entry === undefined) {
        unparsed += 1;
        continue;
      }
      lastNs = entry.timeNs;
      if (entry.timeNs < this.#oldestNs) continue;
      for (const record of reader.read({ ...entry, log: this.path }, nowNs)) out.push(eventLine(record));
    }
    const events = out.length;
    if (oversized > 0) {
      const detail = `${this.path}: a line is longer than 2 MiB`;
      out.push(gapLine(this.#gap('rejected', lastNs || nowNs, nowNs, { count: oversized, detail })));
    }
    const before = { position: this.#position, lastNs: this.#lastNs };
    this.#position = position;
    this.#lastNs = lastNs;
    this.#isSaved = false;
    const isDue = out.length > 0 || nowMs() - this.#savedAtMs >= SAVE_MS;
    if (isDue && !this.#save(out)) {
      this.#position = before.position;
      this.#lastNs = before.lastNs;
      return false;
    }
    this.#lagMs = Math.max(0, Number((nowNs - lastNs) / 1_000_000n));
    this.#lastError = undefined;
    counters.node_log_lines += lines.length;
    counters.node_log_events += events;
    counters.node_log_unparsed += unparsed;
    counters.node_log_oversized += oversized;
    return true;
  }

  #save(lines: readonly string[]): boolean {
    const value = { position: this.#position, lastNs: String(this.#lastNs) };
    if (!this.#options.spool.appendWithCheckpoint(lines, this.#checkpoint, value)) return false;
    this.#isSaved = true;
    this.#savedAtMs = this.#options.nowMs();
    return true;
  }

  #fault(message: string): void {
    this.#options.counters.node_log_faults += 1;
    if (message !== this.#lastError) this.#options.onError(message);
    this.#lastError = message.slice(0, 200);
  }

  #reportLost(): void {
    const nowNs = BigInt(Math.trunc(this.#options.nowMs())) * 1_000_000n;
    const detail = `${this.path} was rotated or truncated before it was read; what it held is gone`;
    this.#options.counters.node_log_lost += 1;
    this.#options.spool.appendGap(this.#gap('log_lost', this.#lastNs || nowNs, nowNs, { detail }));
  }

  #gap(cause: GapRecord['cause'], fromNs: bigint, toNs: bigint, more: Partial<GapRecord>): GapRecord {
    const [first, last] = fromNs <= toNs ? [fromNs, toNs] : [toNs, fromNs];
    const { node } = this.#options;
    return { source: 'node_log', node, startNs: String(first), endNs: String(last), cause, ...more };
  }
}

/** A position after the first newline of the last 16 MiB; undefined where all of the log is to be read. */
function nearEnd(path: string): LogPosition | undefined {
  let fd: number | undefined;
  try {
    const stat = statSync(path, { bigint: true });
    const size = Number(stat.size);
    if (!stat.isFile() || size <= HISTORY_BYTES_MAX) return undefined;
    fd = openSync(path, 'r');
    const chunk = Buffer.alloc(64 * 1024);
    const start = size - HISTORY_BYTES_MAX;
    const newline = chunk.subarray(0, readSync(fd, chunk, 0, chunk.length, start)).indexOf(0x0a);
    const offset = start + newline + 1;
    return { ino: String(stat.ino), offset, ...readHead(fd, offset), mtimeMs: mtimeOf(stat) };
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
