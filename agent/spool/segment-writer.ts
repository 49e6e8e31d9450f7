import { closeSync, fdatasync, fdatasyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { syncDirectory } from './epoch.ts';
import { type Segment, segmentPath } from './segment.ts';

export type FsyncPolicy =
  | { readonly kind: 'interval'; readonly ms: number }
  | { readonly kind: 'each' | 'never' };

/**
 * The one segment that is being written. A failed write is cut off again, so the file ends on a sound frame.
 * Errors: methods return false and report; they never throw.
 */
export class SegmentWriter {
  readonly #fsync: FsyncPolicy;
  readonly #onError: (message: string) => void;
  readonly #timer: NodeJS.Timeout | undefined;
  #open: { readonly segment: Segment; readonly fd: number } | undefined;
  /** What fails now and was reported: a full disk refuses a hundred times a second. */
  readonly #failing = new Set<string>();
  #dirty = false;
  #syncing = false;

  constructor(fsync: FsyncPolicy, onError: (message: string) => void) {
    this.#fsync = fsync;
    this.#onError = onError;
    if (fsync.kind === 'interval') {
      this.#timer = setInterval(() => this.#syncInBackground(), fsync.ms);
      this.#timer.unref();
    }
  }

  get segment(): Segment | undefined {
    return this.#open?.segment;
  }

  /** Starts a segment, or goes on with one that holds no item yet. */
  start(dir: string, epoch: number, firstSeq: number, known: Segment | undefined): boolean {
    this.stop();
    const path = segmentPath(dir, epoch, firstSeq);
    const segment = known ?? { epoch, firstSeq, path, lastSeq: firstSeq - 1, bytes: 0 };
    return this.#try('open', () => {
      const fd = openSync(path, known === undefined ? 'w' : 'r+', 0o600);
      this.#open = { segment, fd };
      if (this.#fsync.kind !== 'never') syncDirectory(dir);
    });
  }

  append(frame: Buffer, itemCount: number): boolean {
    const open = this.#open;
    if (open === undefined) return false;
    const { segment, fd } = open;
    const isWritten = this.#try('write', () => {
      for (let at = 0; at < frame.length; )
        at += writeSync(fd, frame, at, frame.length - at, segment.bytes + at);
    });
    if (!isWritten) {
      this.#try('truncate', () => ftruncateSync(fd, segment.bytes));
      return false;
    }
    segment.bytes += frame.length;
    segment.lastSeq += itemCount;
    this.#dirty = true;
    if (this.#fsync.kind === 'each') this.#sync();
    return true;
  }

  /** Syncs and closes the segment; `start` may follow. */
  stop(): void {
    const open = this.#open;
    if (open === undefined) return;
    if (this.#fsync.kind !== 'never') this.#sync();
    this.#open = undefined;
    this.#try('close', () => closeSync(open.fd));
  }

  close(): void {
    clearInterval(this.#timer);
    this.stop();
  }

  #sync(): void {
    const open = this.#open;
    if (open === undefined || !this.#dirty) return;
    this.#dirty = !this.#try('sync', () => fdatasyncSync(open.fd));
  }

  #syncInBackground(): void {
    const open = this.#open;
    if (open === undefined || !this.#dirty || this.#syncing) return;
    this.#dirty = false;
    this.#syncing = true;
    fdatasync(open.fd, (err) => {
      this.#syncing = false;
      // EBADF: the segment was closed, and synced, while this ran.
      if (err !== null && err.code !== 'EBADF') this.#onError(`spool sync: ${err.message}`);
    });
  }

  #try(what: string, act: () => void): boolean {
    try {
      act();
      this.#failing.delete(what);
      return true;
    } catch (err) {
      const message = `spool ${what}: ${err instanceof Error ? err.message : String(err)}`;
      if (!this.#failing.has(what)) this.#onError(message);
      this.#failing.add(what);
      return false;
    }
  }
}
