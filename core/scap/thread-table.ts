import { ThreadState } from './thread-state.ts';

/** Threads followed at a time; beyond it new ones are not kept (sinsp's limit). */
const THREADS_MAX = 131_072;

export type User = {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  readonly home: string;
  readonly shell: string;
};

export type NetInterface = { readonly name: string; readonly ip: string; readonly netmask: string };

/** Everything known of the machine while a capture is read. */
export class ThreadTable {
  readonly users = new Map<number, User>();
  readonly groups = new Map<number, string>();
  readonly interfaces: NetInterface[] = [];
  hostname: string | undefined = undefined;
  /** Counts changes that descendants of a thread can see; see ThreadState.version. */
  ancestryChanges = 0;
  readonly #threads = new Map<number, ThreadState>();
  #last: ThreadState | undefined = undefined;

  get(tid: number): ThreadState | undefined {
    // Events come in runs of one thread.
    if (this.#last !== undefined && this.#last.tid === tid) return this.#last;
    const found = this.#threads.get(tid);
    if (found !== undefined) this.#last = found;
    return found;
  }

  add(thread: ThreadState): void {
    if (this.#threads.size >= THREADS_MAX && !this.#threads.has(thread.tid)) return;
    this.#threads.set(thread.tid, thread);
    this.#last = undefined;
    this.ancestryChanges++;
  }

  remove(tid: number): void {
    this.#threads.delete(tid);
    this.#last = undefined;
    this.ancestryChanges++;
  }

  values(): Iterable<ThreadState> {
    return this.#threads.values();
  }

  /** Placeholder of a thread that the capture uses without having introduced it. */
  unknown(tid: number): ThreadState {
    const thread = new ThreadState(this, tid, tid);
    thread.comm = '<NA>';
    thread.exe = '<NA>';
    this.add(thread);
    return thread;
  }
}
