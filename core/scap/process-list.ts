import type { ByteCursor } from './byte-cursor.ts';
import { resolveContainer } from './containers.ts';
import { ThreadState } from './thread-state.ts';
import type { ThreadTable } from './thread-table.ts';

/**
 * Reads a process list block. Shape: threads back to back; from version 9 on each with its own length, so
 * that newer fields can be skipped.
 */
export function readProcessList(cursor: ByteCursor, version: number, table: ThreadTable): void {
  while (cursor.left >= 4) {
    let outer = -1;
    if (version >= 9) {
      const length = cursor.u32();
      if (length < 4) cursor.fail(`process entry of ${length} bytes`, cursor.at - 4);
      outer = cursor.enter(length - 4);
    }
    const thread = readThread(cursor, version, table);
    if (outer >= 0) {
      readTail(cursor, thread);
      cursor.leave(outer);
    }
    resolveContainer(thread, table);
    table.add(thread);
  }
}

function readThread(cursor: ByteCursor, version: number, table: ThreadTable): ThreadState {
  const thread = new ThreadState(table, cursor.i64(), cursor.i64());
  thread.ptid = cursor.i64();
  if (version >= 6) thread.sid = cursor.i64();
  if (version >= 8) thread.vpgid = cursor.i64();
  thread.comm = cursor.text();
  thread.exe = cursor.text();
  if (version >= 7) thread.exepath = cursor.text();
  thread.args = cursor.texts();
  thread.ownCwd = withSlash(cursor.text());
  thread.fdLimit = cursor.i64();
  thread.flags = cursor.u32();
  thread.uid = cursor.u32();
  thread.gid = cursor.u32();
  if (version >= 2) {
    thread.vmSizeKb = cursor.u32();
    thread.vmRssKb = cursor.u32();
    thread.vmSwapKb = cursor.u32();
    thread.pageFaultsMajor = cursor.u64();
    thread.pageFaultsMinor = cursor.u64();
  }
  if (version >= 3) thread.ownEnv = cursor.texts();
  if (version >= 4) {
    thread.vtid = cursor.i64();
    thread.vpid = cursor.i64();
    thread.cgroups = cursor.texts();
  }
  if (version >= 5) thread.root = cursor.text();
  return thread;
}

/** What version 9 appended over time; each part stands only when the entry still has room for it. */
function readTail(cursor: ByteCursor, thread: ThreadState): void {
  if (cursor.left > 29) {
    thread.pidnsInitStartTs = cursor.u64();
    thread.tty = cursor.u32();
  }
  if (cursor.left >= 4) thread.loginuid = cursor.i32();
  if (cursor.left >= 1) thread.exeWritable = cursor.u8() !== 0;
  if (cursor.left >= 24) {
    thread.capInheritable = cursor.u64();
    thread.capPermitted = cursor.u64();
    thread.capEffective = cursor.u64();
  }
  if (cursor.left >= 1) thread.exeUpperLayer = cursor.u8() !== 0;
  if (cursor.left >= 24) {
    thread.exeIno = cursor.u64();
    thread.exeInoCtime = cursor.u64();
    thread.exeInoMtime = cursor.u64();
  }
  if (cursor.left >= 1) thread.exeFromMemfd = cursor.u8() !== 0;
  if (cursor.left >= 1) thread.exeLowerLayer = cursor.u8() !== 0;
  if (cursor.left >= 8) thread.pgid = cursor.i64();
}

function withSlash(path: string): string {
  return path === '' || path.endsWith('/') ? path : `${path}/`;
}
