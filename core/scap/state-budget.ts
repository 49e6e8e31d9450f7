import type { FdState } from './fd-state.ts';
import type { ThreadState } from './thread-state.ts';
import type { ThreadTable } from './thread-table.ts';

/**
 * What threads, descriptors and their texts may take together: ten thousand processes with 5 KB each. The heap
 * holds half as much again in garbage.
 */
const STATE_BYTES_MAX = 48 * 1024 * 1024;
/** What is left after shedding texts must leave room, or every addition would look through everything. */
const STATE_BYTES_GOAL = (STATE_BYTES_MAX / 4) * 3;
/** A look costs a fraction of a second: without success they come twice as far apart each time. */
const REFUSALS_BETWEEN_LOOKS = 10_000;
/** A thread and a descriptor besides their texts, as measured. */
const THREAD_BYTES = 800;
const KEPT_ENTER_BYTES = 900;
const FD_BYTES = 200;
/** Names made of addresses are written out when somebody asks: two IPv6 addresses and ports. */
const SOCKET_NAME_BYTES = 256;
/** Texts longer than this go first, then all of note. */
const KEPT_CHARS: readonly number[] = [256, 16];
const NONE: readonly string[] = [];
const WIDE = /[^\0-\x7f]/;

/**
 * Bounds the memory that a capture can claim. Everything added is charged and nothing is given back: when the
 * charges reach the limit, one look through the state tells what they are in truth.
 */
export class StateBudget {
  readonly #table: ThreadTable;
  #charged = 0;
  #refusals = 0;
  #refusalsNext = REFUSALS_BETWEEN_LOOKS;

  constructor(table: ThreadTable) {
    this.#table = table;
  }

  /** Charges bytes; false when there is no room for more threads or descriptors. */
  spend(bytes: number): boolean {
    this.#charged += bytes;
    if (this.#charged <= STATE_BYTES_MAX) return true;
    if (this.#refusals > 0) {
      this.#refusals--;
      return false;
    }
    let held = stateBytes(this.#table);
    for (const chars of KEPT_CHARS) {
      if (held <= STATE_BYTES_GOAL) break;
      shed(this.#table, chars);
      this.#table.limit('long arguments, environments and paths are forgotten');
      held = stateBytes(this.#table);
    }
    this.#charged = held;
    if (held <= STATE_BYTES_GOAL) return true;
    this.#charged = STATE_BYTES_MAX;
    this.#refusals = this.#refusalsNext;
    this.#refusalsNext *= 2;
    this.#table.limit('more threads and descriptors are not followed');
    return false;
  }

  spendThread(thread: ThreadState): boolean {
    return this.spend(THREAD_BYTES + chargeOf(thread));
  }

  spendFd(fd: FdState): boolean {
    return this.spend(FD_BYTES + nameBytes(fd));
  }

  spendEnter(bytes: number): void {
    this.spend(KEPT_ENTER_BYTES + bytes);
  }

  spendTexts(thread: ThreadState): void {
    this.spend(chargeOf(thread));
  }
}

/** Texts at their widest: two bytes a character. */
function chargeOf({ args, ownEnv, cgroups, exe, exepath, comm, ownCwd, root }: ThreadState): number {
  const lists = listChars(args) + listChars(ownEnv) + listChars(cgroups);
  return 2 * (lists + exe.length + exepath.length + comm.length + ownCwd.length + root.length);
}

function listChars(list: readonly string[]): number {
  let chars = 0;
  for (const text of list) chars += text.length + LIST_ITEM_CHARS;
  return chars;
}

/** An element's reference and string header. */
const LIST_ITEM_CHARS = 24;

/** Two bytes a character, as given and as resolved. */
function nameBytes(fd: FdState): number {
  if (fd.isConnection || fd.isListening) return SOCKET_NAME_BYTES;
  return 2 * (fd.name.length + (fd.nameRaw?.length ?? 0));
}

function bytesOf(text: string): number {
  return WIDE.test(text) ? 2 * text.length : text.length;
}

function stateBytes(table: ThreadTable): number {
  // Threads share the lists they inherited.
  const seen = new Set<readonly string[]>();
  let bytes = 0;
  for (const thread of table.values()) {
    bytes += THREAD_BYTES;
    if (thread.enter !== undefined) bytes += KEPT_ENTER_BYTES + thread.enter.bytes.length;
    for (const list of [thread.args, thread.ownEnv, thread.cgroups]) {
      if (list.length === 0 || seen.has(list)) continue;
      seen.add(list);
      for (const text of list) bytes += bytesOf(text) + LIST_ITEM_CHARS;
    }
    for (const text of [thread.exe, thread.exepath, thread.comm, thread.ownCwd, thread.root]) {
      bytes += bytesOf(text);
    }
    if (thread.fdsShared) continue;
    for (const fd of thread.ownFds.values()) bytes += FD_BYTES + nameBytes(fd);
  }
  return bytes;
}

/** Forgets what is longer than `chars`. */
function shed(table: ThreadTable, chars: number): void {
  const list = (texts: readonly string[]): readonly string[] => (listChars(texts) > chars ? NONE : texts);
  const text = (value: string): string => (value.length > chars ? '' : value);
  for (const thread of table.values()) {
    thread.args = list(thread.args);
    thread.ownEnv = list(thread.ownEnv);
    thread.cgroups = list(thread.cgroups);
    thread.exe = text(thread.exe);
    thread.exepath = text(thread.exepath);
    thread.comm = text(thread.comm);
    thread.ownCwd = text(thread.ownCwd);
    thread.root = text(thread.root);
    thread.enter = undefined;
    thread.enterType = -1;
    for (const fd of thread.ownFds.values()) {
      if (!fd.isConnection && !fd.isListening) fd.name = text(fd.name);
      if (fd.nameRaw !== undefined) fd.nameRaw = text(fd.nameRaw);
    }
  }
  table.relativeChanges++;
}
