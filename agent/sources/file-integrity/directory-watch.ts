import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';

/** Watches the entries of directories by inotify. Errors: a directory that cannot be watched is counted. */
export class DirectoryWatch {
  /** Directories that only the periodic look covers. */
  unwatched = 0;
  readonly #onEntry: (path: string) => void;
  readonly #onGone: () => void;
  readonly #watchers = new Map<string, FSWatcher>();

  constructor(onEntry: (path: string) => void, onGone: () => void) {
    this.#onEntry = onEntry;
    this.#onGone = onGone;
  }

  get directories(): ReadonlyMap<string, unknown> {
    return this.#watchers;
  }

  /** Watches exactly these from now on. */
  set(directories: readonly string[]): void {
    const wanted = new Set(directories);
    for (const dir of [...this.#watchers.keys()]) if (!wanted.has(dir)) this.#drop(dir);
    this.unwatched = 0;
    for (const dir of wanted) {
      if (this.#watchers.has(dir)) continue;
      try {
        const watcher = watch(dir, (_, name) => {
          if (name === null) this.#onGone();
          else this.#onEntry(join(dir, name));
        });
        watcher.on('error', () => {
          this.#drop(dir);
          this.#onGone();
        });
        this.#watchers.set(dir, watcher);
      } catch {
        this.unwatched += 1;
      }
    }
  }

  close(): void {
    for (const dir of [...this.#watchers.keys()]) this.#drop(dir);
  }

  #drop(dir: string): void {
    this.#watchers.get(dir)?.close();
    this.#watchers.delete(dir);
  }
}
