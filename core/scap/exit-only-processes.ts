import type { CaptureEvent } from './capture-event.ts';
import { resolveContainer } from './containers.ts';
import type { EventParams } from './event-params.ts';
import { isInvalid, markDead, relate, removeThread, resurrect } from './exit-only-threads.ts';
import { resolvePath } from './path.ts';
import { adoptNames, execveatPath, inherit, inheritProcess } from './state-processes.ts';
import {
  CHILD_IN_PIDNS,
  CLONE_FILES,
  CLONE_INVERTED,
  CLONE_NEWPID,
  CLONE_PARENT,
  CLONE_THREAD,
  ThreadState,
} from './thread-state.ts';
import type { ThreadTable } from './thread-table.ts';

/** A child that appears later than this after its parent's clone is another process of the same id. */
const CLONE_STALE_NS = 2_000_000_000n;
const CLONE_VFORK = 134_217_728;
const VFORK_X = 227;

// Positions of today's clone and fork events.
const PIDNS_START = 20;
const FLAGS = 15;
const VTID = 18;
const VPID = 19;

const given = (p: EventParams, at: number): boolean => p.length(at) > 0;

/** Source: libsinsp parse_clone_exit. */
export function cloneExit(event: CaptureEvent, table: ThreadTable): void {
  const childTid = event.params.i64(0, -1);
  if (childTid === 0) childSide(event, table);
  else if (childTid > 0) parentSide(event, childTid, table);
}

/** The call returns in the parent: creates the child unless it lives in a namespace or came first. */
function parentSide(event: CaptureEvent, childTid: number, table: ThreadTable): void {
  const p = event.params;
  const caller = event.thread ?? placeholder(event.tid, table);
  const known = !isInvalid(caller);
  if (!known) {
    caller.pid = p.i64(4, -1);
    caller.ptid = p.i64(5, -1);
    caller.vtid = given(p, VPID) ? p.i64(VTID, caller.tid) : caller.tid;
    caller.vpid = given(p, VPID) ? p.i64(VPID, -1) : -1;
    caller.changed();
    relate(caller, table);
  }
  event.thread = caller;
  const flags = p.u32(FLAGS);
  // Ids returned inside a pid namespace are not the machine's: the child introduces itself.
  const inside = (flags & (CHILD_IN_PIDNS | CLONE_NEWPID | CLONE_PARENT)) !== 0;
  if (inside || caller.tid !== caller.vtid) return;
  // The parent waits for such a child: it may have ended already.
  if ((flags & CLONE_VFORK) !== 0 || event.def.id === VFORK_X) return;
  const before = table.get(childTid);
  if (before !== undefined) {
    if ((before.flags & CLONE_INVERTED) !== 0) return;
    removeThread(before, table);
  }
  const isThread = (flags & CLONE_THREAD) !== 0;
  const child = new ThreadState(table, childTid, isThread ? caller.pid : childTid);
  child.flags = isThread ? flags | CLONE_FILES : flags;
  child.ptid = isThread ? caller.ptid : caller.tid;
  child.vtid = child.tid;
  child.vpid = child.pid;
  describe(child, p);
  child.pidnsInitStartTs = table.bootTimeNs;
  if (known) {
    const { pidnsInitStartTs } = child;
    inherit(child, caller);
    child.pidnsInitStartTs = pidnsInitStartTs;
    if (!isThread) inheritProcess(child, caller);
  } else adoptNames(caller, child);
  add(child, event, table);
}

/** The call returns in the child: creates it unless the parent's side has done so. */
function childSide(event: CaptureEvent, table: ThreadTable): void {
  const p = event.params;
  const before = event.thread;
  if (before !== undefined && before.cloneTsNs !== 0n) {
    if (event.timeNs - before.cloneTsNs < CLONE_STALE_NS) return;
    removeThread(before, table);
  }
  const child = new ThreadState(table, event.tid, p.i64(4, -1));
  child.ptid = p.i64(5, -1);
  child.vtid = given(p, VPID) ? p.i64(VTID, child.tid) : child.tid;
  child.vpid = given(p, VPID) ? p.i64(VPID, -1) : -1;
  child.flags = p.u32(FLAGS) | CLONE_INVERTED;
  const isThread = (child.flags & CLONE_THREAD) !== 0;
  if (isThread) child.flags |= CLONE_FILES;
  const sourceTid = isThread ? child.pid : child.ptid;
  const source = table.get(sourceTid) ?? placeholder(sourceTid, table);
  const known = !isInvalid(source);
  if (!known && isThread) {
    source.pid = child.pid;
    source.ptid = child.ptid;
    source.vpid = child.vpid;
    source.vtid = child.vpid;
    relate(source, table);
  }
  describe(child, p);
  if (known) {
    inherit(child, source);
    if (!isThread) inheritProcess(child, source);
  } else if (isThread) adoptNames(source, child);
  const inside = (child.flags & (CHILD_IN_PIDNS | CLONE_NEWPID)) !== 0 || child.tid !== child.vtid;
  child.pidnsInitStartTs = 0n;
  if (!inside) child.pidnsInitStartTs = table.bootTimeNs;
  else if (given(p, PIDNS_START)) child.pidnsInitStartTs = table.bootTimeNs + p.u64(PIDNS_START);
  add(child, event, table);
  event.thread = child;
}

/** A thread that is named and not known: nothing but its id is. */
export function placeholder(tid: number, table: ThreadTable): ThreadState {
  const thread = table.unknown(tid);
  thread.pid = -1;
  return thread;
}

/** What the event itself tells of the child. */
function describe(child: ThreadState, p: EventParams): void {
  child.exe = given(p, 1) ? p.text(1) : '<NA>';
  child.args = p.texts(2);
  child.comm = given(p, 13) ? p.text(13) : child.exe;
  child.fdLimit = p.i64(7, -1);
  readMemory(child, p);
  child.uid = p.u32(16, 0xffffffff);
  child.gid = p.u32(17, 0xffffffff);
}

function readMemory(thread: ThreadState, p: EventParams): void {
  if (!given(p, 12)) return;
  thread.pageFaultsMajor = p.u64(8);
  thread.pageFaultsMinor = p.u64(9);
  thread.vmSizeKb = p.u32(10);
  thread.vmRssKb = p.u32(11);
  thread.vmSwapKb = p.u32(12);
}

function add(child: ThreadState, event: CaptureEvent, table: ThreadTable): void {
  child.cloneTsNs = event.timeNs;
  if (given(event.params, 14)) {
    child.cgroups = event.params.texts(14);
    resolveContainer(child, table);
  }
  if (!table.add(child)) return;
  relate(child, table);
}

const EXECVE_E = 292;
const EXECVE_X = 293;
const EXECVEAT_E = 330;
const EXE_WRITABLE = 1;
const EXE_UPPER_LAYER = 2;
const EXE_FROM_MEMFD = 4;
const EXE_LOWER_LAYER = 8;

/** Source: libsinsp parse_execve_exit. */
export function execExit(event: CaptureEvent, thread: ThreadState, table: ThreadTable): void {
  const p = event.params;
  if (p.i64(0, -1) < 0) return;
  resurrect(thread);
  thread.exe = given(p, 1) ? p.text(1) : '<NA>';
  thread.comm = given(p, 13) ? p.text(13) : thread.exe;
  thread.args = p.texts(2);
  thread.pid = p.i64(4, thread.pid);
  if (isInvalid(thread)) {
    thread.ptid = p.i64(5, -1);
    if ((thread.flags & CHILD_IN_PIDNS) === 0) {
      thread.vtid = thread.tid;
      thread.vpid = thread.pid;
    }
    relate(thread, table);
  }
  thread.fdLimit = p.i64(7, -1);
  readMemory(thread, p);
  if (given(p, 15)) thread.ownEnv = p.texts(15);
  if (given(p, 14)) {
    thread.cgroups = p.texts(14);
    resolveContainer(thread, table);
  }
  if (given(p, 16)) thread.tty = p.i32(16);
  thread.exepath = exepathOf(event, thread);
  readCredentials(thread, p);
  thread.flags &= CLONE_INVERTED;
  thread.changed();
  endOthers(thread, table);
}

function exepathOf(event: CaptureEvent, thread: ThreadState): string {
  const p = event.params;
  if (given(p, 27)) return p.text(27);
  const { enter } = thread;
  if (enter === undefined || thread.enterType !== thread.lastType) return thread.exepath;
  if (thread.enterType === EXECVEAT_E) return execveatPath(thread, enter);
  if (thread.enterType !== EXECVE_E || event.def.id !== EXECVE_X) return thread.exepath;
  const name = enter.text(0);
  return name === '<NA>' ? name : resolvePath(thread.cwd, name);
}

function readCredentials(thread: ThreadState, p: EventParams): void {
  if (given(p, 17)) thread.vpgid = p.i64(17, thread.vpgid);
  if (given(p, 18)) thread.loginuid = p.i32(18, -1);
  if (given(p, 19)) {
    const flags = p.u32(19);
    thread.exeWritable = (flags & EXE_WRITABLE) !== 0;
    thread.exeUpperLayer = (flags & EXE_UPPER_LAYER) !== 0;
    thread.exeFromMemfd = (flags & EXE_FROM_MEMFD) !== 0;
    thread.exeLowerLayer = (flags & EXE_LOWER_LAYER) !== 0;
  }
  if (given(p, 22)) {
    thread.capInheritable = p.u64(20);
    thread.capPermitted = p.u64(21);
    thread.capEffective = p.u64(22);
  }
  if (given(p, 25)) {
    thread.exeIno = p.u64(23);
    thread.exeInoCtime = p.u64(24);
    thread.exeInoMtime = p.u64(25);
  }
  if (given(p, 26)) thread.uid = p.u32(26);
  thread.pgid = p.i64(28, -1);
  if (given(p, 29)) thread.gid = p.u32(29);
}

/** exec ends every other thread of the process. */
function endOthers(thread: ThreadState, table: ThreadTable): void {
  const group = thread.kin?.group;
  if (group === undefined || group.alive <= 1) return;
  for (const other of [...group.threads]) {
    if (!other.isLeader && other !== thread) removeThread(other, table);
  }
}

/** The thread goes once everybody has seen its end. */
export function procexit(event: CaptureEvent, thread: ThreadState): void {
  markDead(thread, event.params.i64(4, -1));
  event.removeThreadLater(thread);
}
