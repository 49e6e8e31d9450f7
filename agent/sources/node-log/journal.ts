import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { z } from 'zod';
import type { GapRecord } from '../../../core/events/event.ts';
import { parseJson } from '../../parse-json.ts';
import { Backoff } from '../../send/backoff.ts';
import { eventLine } from '../../spool/item.ts';
import type { Spool } from '../../spool/spool.ts';
import { LineSplitter } from '../line-splitter.ts';
import { type JournalEntry, parseJournalEntry } from './journal-entry.ts';
import type { LogReader } from './log-reader.ts';
import type { LogCounters } from './log-state.ts';
import { KNOWN_PROGRAMS } from './parse-message.ts';

export type JournalOptions = {
  readonly node: string;
  readonly spool: Spool;
  readonly reader: LogReader;
  readonly counters: LogCounters;
  readonly nowMs: () => number;
  readonly onError: (message: string) => void;
  /** Default `journalctl`. */
  readonly command?: string;
  /** Before all others, such as `--namespace=NAME` or `--directory=DIR`. */
  readonly extraArgs?: readonly string[];
};

const CHECKPOINT = 'node-log:journald';
const PROBE_MS_MAX = 5_000;
const ENV = { PATH: '/usr/bin:/bin', LC_ALL: 'C', NODE_ENV: 'production' } as const;
/** journald answers within these fields; everything else of an entry is not printed. */
const OUTPUT_FIELDS = 'MESSAGE,SYSLOG_IDENTIFIER,SYSLOG_PID,_COMM,_PID,_UID';
/** auth and authpriv, and the programs that have a reader: the rest never leaves journald. */
const MATCHES = [
  'SYSLOG_FACILITY=4',
  'SYSLOG_FACILITY=10',
  '+',
  ...KNOWN_PROGRAMS.map((name) => `SYSLOG_IDENTIFIER=${name}`),
];
const NOT_ALLOWED = /insufficient permissions|not seeing messages from other users/;
const checkpointSchema = z.object({ cursor: z.string().max(1_024), lastNs: z.string().regex(/^\d+$/) });

/**
 * Follows journald through `journalctl -o json -f`. The cursor of the last entry is stored with its events,
 * so that a new run goes on behind it.
 * Errors: never throws; a journalctl that ends is started again after a pause.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #backoff = new Backoff({ baseMs: 1_000, maxMs: 60_000, random: Math.random });
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #cursor: string | undefined;
  #lastNs: bigint;
  #lagMs = 0;
  #fault: string | undefined;
  #isForbidden = false;
  #isClosed = false;

  constructor(options: JournalOptions) {
    this.#options = options;
    const saved = checkpointSchema.safeParse(options.spool.checkpoint(CHECKPOINT));
    this.#cursor = saved.success ? saved.data.cursor : undefined;
    this.#lastNs = saved.success ? BigInt(saved.data.lastNs) : 0n;
  }

  start(): void {
    if (this.#cursor !== undefined) this.#checkCursor(this.#cursor);
    this.#run();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#child?.kill('SIGTERM');
  }

  get lagMs(): number {
    return this.#lagMs;
  }

  get state(): { readonly access: 'ok' | 'missing' | 'unreadable'; readonly text: string } {
    const newest =
      this.#lastNs === 0n
        ? 'no entry yet'
        : `newest entry ${new Date(Number(this.#lastNs / 1_000_000n)).toISOString()}`;
    if (this.#isForbidden)
      return {
        access: 'unreadable',
        text: `journald shows user ${process.getuid?.() ?? '?'} its own entries only`,
      };
    if (this.#fault !== undefined) return { access: 'missing', text: `journalctl: ${this.#fault}` };
    return { access: 'ok', text: `journald, ${newest}` };
  }

  #run(): void {
    if (this.#isClosed) return;
    const { command = 'journalctl', extraArgs = [] } = this.#options;
    const from = this.#cursor === undefined ? '--since=-1d' : `--after-cursor=${this.#cursor}`;
    const args = ['-o', 'json', `--output-fields=${OUTPUT_FIELDS}`, '-f', '--no-tail', from, ...MATCHES];
    const child = spawn(command, [...extraArgs, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: ENV,
    });
    this.#child = child;
    const splitter = new LineSplitter();
    let problem = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const { lines, oversized } = splitter.push(chunk);
      this.#options.counters.node_log_oversized += oversized;
      if (lines.length > 0 && !this.#take(lines)) child.kill('SIGTERM');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      problem = `${problem}${chunk}`.slice(-1_024);
      this.#isForbidden = NOT_ALLOWED.test(problem);
    });
    child.once('error', (err) => {
      problem = err.message;
    });
    child.once('close', (code) => this.#ended(problem.trim().split('\n').at(-1) || `ended with ${code}`));
  }

  #ended(reason: string): void {
    if (this.#isClosed) return;
    this.#options.counters.node_log_faults += 1;
    if (reason !== this.#fault) this.#options.onError(`journalctl: ${reason}`);
    this.#fault = reason.slice(0, 200);
    this.#timer = setTimeout(() => this.#run(), this.#backoff.nextMs());
  }

  /** False when the disk refuses: the entries are read again behind the saved cursor. */
  #take(lines: readonly string[]): boolean {
    const { reader, counters, spool, nowMs } = this.#options;
    const nowNs = BigInt(Math.trunc(nowMs())) * 1_000_000n;
    const out: string[] = [];
    let last: JournalEntry | undefined;
    for (const line of lines) {
      const entry = parseJournalEntry(parseJson(line));
      if (entry === undefined) {
        counters.node_log_unparsed += 1;
        continue;
      }
      last = entry;
      if (entry.isForged) counters.node_log_forged += 1;
      else for (const record of reader.read(entry, nowNs)) out.push(eventLine(record));
    }
    counters.node_log_lines += lines.length;
    if (last === undefined) return true;
    const value = { cursor: last.cursor, lastNs: String(last.timeNs) };
    if (!spool.appendWithCheckpoint(out, CHECKPOINT, value)) return false;
    counters.node_log_events += out.length;
    this.#cursor = last.cursor;
    this.#lastNs = last.timeNs;
    this.#lagMs = Math.max(0, Number((nowNs - last.timeNs) / 1_000_000n));
    this.#fault = undefined;
    this.#isForbidden = false;
    this.#backoff.reset();
    return true;
  }

  /** journalctl goes on silently with the oldest entry when the cursor's own was deleted: that is a gap. */
  #checkCursor(cursor: string): void {
    const { command = 'journalctl', extraArgs = [], node, spool, counters, nowMs } = this.#options;
    const args = [
      ...extraArgs,
      '-o',
      'json',
      '--output-fields=MESSAGE',
      '-n',
      '1',
      `--cursor=${cursor}`,
      ...MATCHES,
    ];
    const found = spawnSync(command, args, {
      timeout: PROBE_MS_MAX,
      encoding: 'utf8',
      env: ENV,
      maxBuffer: 1024 * 1024,
    });
    const first = parseJournalEntry(parseJson(found.stdout?.split('\n')[0] ?? ''));
    if (found.status !== 0 || first?.cursor === cursor) return;
    const endNs = first?.timeNs ?? BigInt(Math.trunc(nowMs())) * 1_000_000n;
    const [from, to] = this.#lastNs <= endNs ? [this.#lastNs, endNs] : [endNs, this.#lastNs];
    const gap: GapRecord = {
      source: 'node_log',
      node,
      startNs: String(from),
      endNs: String(to),
      cause: 'log_lost',
      detail: 'journald no longer holds the entry that was read last; what came between is gone',
    };
    counters.node_log_lost += 1;
    spool.appendGap(gap);
    if (first === undefined) this.#cursor = undefined;
  }
}
