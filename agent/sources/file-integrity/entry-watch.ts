import { type FSWatcher, watch } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Expansion, FILES_MAX } from './watch-list.ts';

/** A directory's time is no older than a clock tick: what changed within it could change again unseen. */
const TICK_MS = 50;

/**
 * Tells which entries of directories may have changed.
 * Where all entries matter, inotify watches the directory. Where single ones do, it watches these files, and the
 * directory's own times tell of new ones: a watch on /etc would tax every open of a file in it, 0.14 µs of 0.85.
 * Errors: a directory that cannot be watched is counted.
 */
export class EntryWatch {
  /** Directories that only the periodic look covers. */
  unwatched = 0;
  readonly #onEntry: (path: string) => void;
  readonly #onGone: () => void;
  readonly #pollMs: number;
  /** By directory, and by file in a parent. */
  readonly #watchers = new Map<string, FSWatcher>();
  /** Of each parent the time of its last change; undefined before the first look and when that is too fresh to tell. */
  readonly #parents = new Map<string, string | undefined>();
  #directories: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** pollMs: a new file beside single ones is seen this late, if nobody else tells. */
  constructor(onEntry: (path: string) => void, onGone: () => void, pollMs: number) {
    this.#onEntry = onEntry;
    this.#onGone = onGone;
    this.#pollMs = pollMs;
  }

  /** Whether entries of the directory are watched. */
  covers(dir: string): boolean {
    return this.#directories.has(dir) || this.#parents.has(dir);
  }

  get size(): number {
    return this.#directories.size + this.#parents.size;
  }

  /** Watches exactly these from now on. */
  set({ directories, parents, files }: Omit<Expansion, 'isCut' | 'unlistable'>): void {
    this.#directories = new Set(directories);
    for (const dir of [...this.#parents.keys()]) if (!parents.includes(dir)) this.#parents.delete(dir);
    for (const dir of parents) if (!this.#parents.has(dir)) this.#parents.set(dir, undefined);
    const alone = files.filter((file) => this.#parents.has(dirname(file)));
    const wanted = new Set([...directories, ...alone]);
    for (const path of [...this.#watchers.keys()]) if (!wanted.has(path)) this.#drop(path);
    this.unwatched = 0;
    for (const path of wanted) if (!this.#watchers.has(path)) this.#watch(path);
    if (!this.#isClosed) this.#timer ??= setTimeout(() => void this.#poll(), this.#pollMs);
  }

  /** Watches the file that stands at this path now, if that is not done by its directory. */
  follow(path: string): void {
    if (!this.#parents.has(dirname(path))) return;
    this.#drop(path);
    this.#watch(path);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const path of [...this.#watchers.keys()]) this.#drop(path);
  }

  #watch(path: string): void {
    if (this.#isClosed) return; // a look was under way
    const isDirectory = this.#directories.has(path);
    try {
      const watcher = watch(path, (_, name) => {
        if (!isDirectory) this.#onEntry(path);
        else if (name === null) this.#onGone();
        else this.#onEntry(join(path, name));
      });
      watcher.on('error', () => {
        this.#drop(path);
        this.#onGone();
      });
      this.#watchers.set(path, watcher);
    } catch {
      if (isDirectory) this.unwatched += 1; // a file that is gone shows in its directory's time
    }
  }

  async #poll(): Promise<void> {
    for (const [dir, before] of this.#parents) {
      const now = await changedAt(dir);
      if (now !== undefined && now === before) continue;
      const there = await readdir(dir).catch(() => []);
      if (this.#isClosed) return;
      if (this.#parents.has(dir)) this.#parents.set(dir, now);
      const known = [...this.#watchers.keys()].filter((path) => dirname(path) === dir);
      for (const name of there.slice(0, FILES_MAX)) this.#onEntry(join(dir, name));
      for (const path of known) this.#onEntry(path);
    }
    if (!this.#isClosed) this.#timer = setTimeout(() => void this.#poll(), this.#pollMs);
  }

  #drop(path: string): void {
    this.#watchers.get(path)?.close();
    this.#watchers.delete(path);
  }
}

async function changedAt(dir: string): Promise<string | undefined> {
  const stat = await lstat(dir, { bigint: true }).catch(() => undefined);
  if (stat === undefined) return 'gone';
  return Date.now() - Number(stat.ctimeMs) < TICK_MS ? undefined : `${stat.ino} ${stat.ctimeNs}`;
}
