import { closeSync, type FSWatcher, fstatSync, readSync, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import { LineSplitter, type SplitLines } from './line-splitter.ts';
import {
  findContinuation,
  findSuccessor,
  isSameLog,
  type LogPosition,
  mtimeOf,
  type OpenLog,
  openLog,
  readHead,
} from './log-position.ts';

export type LogLines = Omit<SplitLines, 'consumed'>;

export type LogTailOptions = {
  readonly path: string;
  /** Where a former run stopped; undefined reads the log from its beginning. */
  readonly position: LogPosition | undefined;
  /**
   * Takes complete lines and the position after them. False: not stored, offer them again.
   */
  readonly onLines: (lines: LogLines, position: LogPosition) => boolean;
  /** What followed the position is nowhere to be found. */
  readonly onLost: (position: LogPosition) => void;
  readonly onError: (message: string) => void;
  /** Default 250 ms, for file systems that do not notify. */
  readonly pollMs?: number;
};

/** One read; 2 to 200 audit events. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Follows a log through rename, copytruncate and truncation, and across restarts. A line counts as read
 * only when onLines has taken it, so nothing is lost or read twice.
 */
export class LogTail {
  readonly #options: LogTailOptions;
  readonly #splitter = new LineSplitter();
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  #log: OpenLog | undefined;
  /** End of the last line that was taken. */
  #offset = 0;
  #position: LogPosition | undefined;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #scheduled = false;
  #isClosed = false;

  constructor(options: LogTailOptions) {
    this.#options = options;
    this.#position = options.position;
  }

  start(): void {
    this.#timer = setInterval(() => this.#schedule(), this.#options.pollMs ?? 250);
    this.#schedule();
  }

  /** Stops; what has not been read yet is read by the next run. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#watcher?.close();
    this.#closeLog();
  }

  #schedule(): void {
    this.#watchDirectory();
    if (this.#scheduled || this.#isClosed) return;
    this.#scheduled = true;
    // One chunk a turn, so that a long catch-up does not hold up anything else.
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#isClosed && this.#guardedStep()) this.#schedule();
    });
  }

  #watchDirectory(): void {
    if (this.#watcher !== undefined) return;
    try {
      this.#watcher = watch(dirname(this.#options.path), () => this.#schedule());
      this.#watcher.on('error', () => {
        this.#watcher?.close();
        this.#watcher = undefined;
      });
    } catch {
      // The directory may not be there yet; the poll tries again.
    }
  }

  #guardedStep(): boolean {
    try {
      return this.#step();
    } catch (err) {
      this.#options.onError(`${this.#options.path}: ${err instanceof Error ? err.message : String(err)}`);
      this.#closeLog();
      return false;
    }
  }

  /** Reads one chunk; true when there may be more. */
  #step(): boolean {
    const log = this.#log ?? this.#open();
    if (log === undefined) return false;
    const { size } = fstatSync(log.fd);
    if (this.#position !== undefined && !isSameLog(log.fd, size, this.#position)) {
      // Truncated under our feet: copytruncate left the rest in a copy, or it is gone.
      this.#closeLog();
      return true;
    }
    const at = this.#offset + this.#splitter.pendingBytes;
    const length = readSync(log.fd, this.#chunk, 0, CHUNK_BYTES, at);
    if (length > 0) return this.#take(log, this.#splitter.push(this.#chunk.subarray(0, length)));
    return this.#moveOn(log);
  }

  #open(): OpenLog | undefined {
    const { path, onLost } = this.#options;
    const position = this.#position;
    this.#splitter.clear();
    const found = position === undefined ? openLog(path) : findContinuation(path, position);
    if (found !== undefined) {
      this.#offset = position?.offset ?? 0;
      this.#log = found;
      return found;
    }
    if (position === undefined) return undefined;
    const next = findSuccessor(path, position);
    if (next === undefined) return undefined;
    onLost(position);
    return this.#begin(next);
  }

  #begin(log: OpenLog): OpenLog {
    this.#closeLog();
    this.#log = log;
    this.#offset = 0;
    this.#position = undefined;
    return log;
  }

  #take(log: OpenLog, split: SplitLines): boolean {
    if (split.consumed === 0) return true;
    const offset = this.#offset + split.consumed;
    const position = {
      ino: log.ino,
      offset,
      ...readHead(log.fd, offset),
      mtimeMs: mtimeOf(fstatSync(log.fd, { bigint: true })),
    };
    if (!this.#options.onLines(split, position)) {
      this.#splitter.clear();
      return false;
    }
    this.#offset = offset;
    this.#position = position;
    return true;
  }

  /** At the end of a file: goes on with the next one once the log has been replaced and written to. */
  #moveOn(log: OpenLog): boolean {
    const current = statSync(this.#options.path, { bigint: true, throwIfNoEntry: false });
    if (current === undefined || String(current.ino) === log.ino) return false;
    const next = findSuccessor(this.#options.path, {
      ino: log.ino,
      mtimeMs: mtimeOf(fstatSync(log.fd, { bigint: true })),
    });
    if (next === undefined) return false;
    // The writer may still hold the old file until the new one has its first byte.
    if (next.size === 0) {
      closeSync(next.fd);
      return false;
    }
    if (this.#splitter.pendingBytes > 0 && !this.#take(log, this.#splitter.flush())) {
      closeSync(next.fd);
      return false;
    }
    this.#begin(next);
    return true;
  }

  #closeLog(): void {
    if (this.#log !== undefined) closeSync(this.#log.fd);
    this.#log = undefined;
    this.#splitter.clear();
  }
}
