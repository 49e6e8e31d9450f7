import type { CaptureEvent } from './capture-event.ts';
import { resolveContainer } from './containers.ts';
import type { EventParams } from './event-params.ts';
import { resolvePath } from './path.ts';
import { directoryOf } from './state-files.ts';
import {
  CHILD_IN_PIDNS,
  CLONE_FILES,
  CLONE_INVERTED,
  CLONE_NEWPID,
  CLONE_THREAD,
  ThreadState,
} from './thread-state.ts';
import type { ThreadTable } from './thread-table.ts';

/** Where clone and fork keep what: the parameters grew over time. */
type CloneLayout = { comm: number; cgroups: number; flags: number; uid: number; vtid: number };

const CLONE_11: CloneLayout = { comm: -1, cgroups: -1, flags: 8, uid: 9, vtid: -1 };
const CLONE_16: CloneLayout = { comm: -1, cgroups: -1, flags: 13, uid: 14, vtid: -1 };
const CLONE_17: CloneLayout = { comm: 13, cgroups: -1, flags: 14, uid: 15, vtid: -1 };
const CLONE_20: CloneLayout = { comm: 13, cgroups: 14, flags: 15, uid: 16, vtid: 18 };

const LAYOUTS: ReadonlyMap<number, CloneLayout> = new Map([
  [15, CLONE_11],
  [157, CLONE_16],
  [183, CLONE_16],
  [185, CLONE_16],
  [217, CLONE_17],
  [219, CLONE_17],
  [221, CLONE_17],
  [223, CLONE_20],
  [225, CLONE_20],
  [227, CLONE_20],
  [335, CLONE_20],
]);

/** sysdig shows root as the login user of a child whose parent it has not met. */
const UNTOLD_LOGINUID = 0;

export const CLONE_EXITS: ReadonlySet<number> = new Set(LAYOUTS.keys());

export function cloneExit(event: CaptureEvent, table: ThreadTable): void {
  const layout = LAYOUTS.get(event.def.id);
  const childTid = event.params.i64(0, -1);
  if (layout === undefined || childTid < 0) return;
  if (childTid === 0) childSide(event, layout, table);
  else parentSide(event, layout, childTid, table);
}

/** A placeholder: the capture has not told where it comes from. */
const isInvalid = (thread: ThreadState): boolean => thread.ptid < 0 || thread.pid < 0;

/** The call returns in the parent: creates the child unless it lives in a namespace or came first. */
function parentSide(event: CaptureEvent, layout: CloneLayout, childTid: number, table: ThreadTable): void {
  const p = event.params;
  const caller = event.thread ?? table.unknown(event.tid);
  const known = !isInvalid(caller);
  event.thread = caller;
  const flags = p.u32(layout.flags);
  const inNamespace = (flags & (CHILD_IN_PIDNS | CLONE_NEWPID)) !== 0;
  // Ids returned inside a pid namespace are not the machine's: the child introduces itself.
  const vtid = layout.vtid < 0 ? caller.tid : p.i64(layout.vtid, caller.tid);
  if (inNamespace || caller.tid !== vtid) return;
  const before = table.get(childTid);
  if (before !== undefined) {
    if ((before.flags & CLONE_INVERTED) !== 0) return;
    table.remove(childTid);
  }
  const isThread = (flags & CLONE_THREAD) !== 0;
  const child = new ThreadState(table, childTid, isThread ? caller.pid : childTid);
  child.flags = isThread ? flags | CLONE_FILES : flags;
  child.ptid = caller.tid;
  child.vtid = child.tid;
  child.vpid = child.pid;
  describe(child, p, layout);
  if (known) {
    inherit(child, caller);
    if (!isThread) inheritProcess(child, caller);
  } else adoptNames(caller, child);
  child.cloneTsNs = event.timeNs;
  finish(child, p, layout, table);
}

/** The call returns in the child: creates it unless the parent's side has done so. */
function childSide(event: CaptureEvent, layout: CloneLayout, table: ThreadTable): void {
  const p = event.params;
  const before = event.thread;
  if (before !== undefined) {
    // The child alone knows its ids inside a namespace.
    if (layout.vtid >= 0) {
      before.vtid = p.i64(layout.vtid, before.vtid);
      before.vpid = p.i64(layout.vtid + 1, before.vpid);
      before.changed();
    }
    return;
  }
  const child = new ThreadState(table, event.tid, p.i64(4, event.tid));
  child.ptid = p.i64((p.u32(layout.flags) & CLONE_THREAD) !== 0 ? 4 : 5, -1);
  child.vtid = layout.vtid < 0 ? child.tid : p.i64(layout.vtid, child.tid);
  child.vpid = layout.vtid < 0 ? -1 : p.i64(layout.vtid + 1, -1);
  child.flags = p.u32(layout.flags) | CLONE_INVERTED;
  const isThread = (child.flags & CLONE_THREAD) !== 0;
  if (isThread) child.flags |= CLONE_FILES;
  const sourceTid = isThread ? child.pid : child.ptid;
  const found = table.get(sourceTid);
  if (found === undefined) child.loginuid = UNTOLD_LOGINUID;
  const source = found ?? table.unknown(sourceTid);
  const known = !isInvalid(source);
  describe(child, p, layout);
  if (known) {
    inherit(child, source);
    if (!isThread) inheritProcess(child, source);
  } else adoptNames(source, child);
  child.cloneTsNs = event.timeNs;
  if (p.length(20) === 8) {
    const inside = (child.flags & (CHILD_IN_PIDNS | CLONE_NEWPID)) !== 0 || child.tid !== child.vtid;
    child.pidnsInitStartTs = table.bootTimeNs + (inside ? p.u64(20) : 0n);
  }
  finish(child, p, layout, table);
  event.thread = child;
}

/** What the event itself tells of the child. */
function describe(child: ThreadState, p: EventParams, layout: CloneLayout): void {
  child.exe = p.text(1);
  child.args = p.texts(2);
  child.comm = layout.comm < 0 ? child.exe : p.text(layout.comm);
  child.fdLimit = p.i64(7, -1);
  if (layout !== CLONE_11) readMemory(child, p);
  child.uid = p.u32(layout.uid, 0xffffffff);
  child.gid = p.u32(layout.uid + 1, 0xffffffff);
}

function readMemory(thread: ThreadState, p: EventParams): void {
  thread.pageFaultsMajor = p.u64(8);
  thread.pageFaultsMinor = p.u64(9);
  thread.vmSizeKb = p.u32(10);
  thread.vmRssKb = p.u32(11);
  thread.vmSwapKb = p.u32(12);
}

export function inherit(child: ThreadState, from: ThreadState): void {
  child.exepath = from.exepath;
  child.exeWritable = from.exeWritable;
  child.exeUpperLayer = from.exeUpperLayer;
  child.exeLowerLayer = from.exeLowerLayer;
  child.exeFromMemfd = from.exeFromMemfd;
  child.root = from.root;
  child.sid = from.sid;
  child.vpgid = from.vpgid;
  child.pgid = from.pgid;
  child.tty = from.tty;
  child.loginuid = from.loginuid;
  child.capPermitted = from.capPermitted;
  child.capInheritable = from.capInheritable;
  child.capEffective = from.capEffective;
  child.exeIno = from.exeIno;
  child.exeInoCtime = from.exeInoCtime;
  child.exeInoMtime = from.exeInoMtime;
  child.pidnsInitStartTs = from.pidnsInitStartTs;
}

/** What a new process has of its own and a thread takes from its leader. */
export function inheritProcess(child: ThreadState, from: ThreadState): void {
  const owner = from.fdOwner;
  if (owner !== undefined) {
    child.ownFds = owner.ownFds;
    child.fdsShared = true;
    owner.fdsShared = true;
  }
  child.ownCwd = from.cwd;
  child.ownEnv = from.env;
}

export function adoptNames(thread: ThreadState, from: ThreadState): void {
  thread.exe = from.exe;
  thread.comm = from.comm;
  thread.args = from.args;
  thread.changed();
}

function finish(child: ThreadState, p: EventParams, layout: CloneLayout, table: ThreadTable): void {
  if (layout.cgroups >= 0) {
    child.cgroups = p.texts(layout.cgroups);
    resolveContainer(child, table);
  }
  table.add(child);
}

const EXECVE_15_X = 215;
const EXECVE_8_X = 13;
const EXECVE_13_X = 155;
const EXECVE_14_X = 173;
const EXECVE_16_X = 231;
const EXECVE_18_X = 289;
const EXECVE_19_X = 293;
const EXECVEAT_E = 330;
const EXECVEAT_X = 331;

const EXE_WRITABLE = 1;
const EXE_UPPER_LAYER = 2;
const EXE_FROM_MEMFD = 4;
const EXE_LOWER_LAYER = 8;

export function execExit(event: CaptureEvent, thread: ThreadState, table: ThreadTable): void {
  const p = event.params;
  const id = event.def.id;
  if (p.i64(0, -1) < 0) return;
  const invalid = isInvalid(thread);
  const hasComm = id !== EXECVE_8_X && id !== EXECVE_13_X && id !== EXECVE_14_X;
  thread.exe = p.text(1);
  thread.comm = hasComm ? p.text(13) : thread.exe;
  thread.args = p.texts(2);
  thread.pid = p.i64(4, thread.pid);
  if (invalid) thread.ptid = p.i64(5, -1);
  thread.fdLimit = p.i64(7, -1);
  if (id !== EXECVE_8_X) readMemory(thread, p);
  const envAt = id === EXECVE_14_X ? 13 : id === EXECVE_15_X ? 14 : hasComm ? 15 : -1;
  if (envAt >= 0) thread.ownEnv = p.texts(envAt);
  if (id >= EXECVE_16_X) {
    thread.cgroups = p.texts(14);
    resolveContainer(thread, table);
    if (id !== EXECVE_16_X) thread.tty = p.i32(16);
  }
  thread.exepath = exepathOf(event, thread);
  if (id === EXECVE_19_X || id === EXECVEAT_X) {
    thread.vpgid = p.i64(17, thread.vpgid);
    readCredentials(thread, p);
  }
  const kept = thread.flags & CLONE_INVERTED;
  thread.flags = kept;
  thread.changed();
}

function readCredentials(thread: ThreadState, p: EventParams): void {
  if (p.count > 18) thread.loginuid = p.i32(18, -1);
  if (p.count > 19) {
    const flags = p.u32(19);
    thread.exeWritable = (flags & EXE_WRITABLE) !== 0;
    thread.exeUpperLayer = (flags & EXE_UPPER_LAYER) !== 0;
    thread.exeFromMemfd = (flags & EXE_FROM_MEMFD) !== 0;
    thread.exeLowerLayer = (flags & EXE_LOWER_LAYER) !== 0;
  }
  if (p.count > 22) {
    thread.capInheritable = p.u64(20);
    thread.capPermitted = p.u64(21);
    thread.capEffective = p.u64(22);
  }
  if (p.count > 25) {
    thread.exeIno = p.u64(23);
    thread.exeInoCtime = p.u64(24);
    thread.exeInoMtime = p.u64(25);
  }
  if (p.count > 26) thread.uid = p.u32(26, thread.uid);
  if (p.count > 28) thread.pgid = p.i64(28, thread.pgid);
  if (p.count > 29) thread.gid = p.u32(29, thread.gid);
}

/** The kernel's own path where the event has it, else what the enter event asked for. */
function exepathOf(event: CaptureEvent, thread: ThreadState): string {
  const p = event.params;
  const id = event.def.id;
  if (p.count > 27) return p.text(27);
  if (thread.lastType === EXECVEAT_E && thread.enterType === EXECVEAT_E && thread.enter !== undefined) {
    return execveatPath(thread, thread.enter);
  }
  const enter = thread.enterOf(id);
  if ((id !== EXECVE_18_X && id !== EXECVE_19_X) || enter === undefined) return thread.exepath;
  const name = enter.text(0);
  return name === '<NA>' ? name : resolvePath(thread.ownCwd, name);
}

const AT_EMPTY_PATH = 1;

export function execveatPath(thread: ThreadState, enter: EventParams): string {
  const name = enter.text(1);
  const emptyPath = (enter.u32(2) & AT_EMPTY_PATH) !== 0;
  const directory = directoryOf(thread, name, enter.i64(0, -1));
  if (directory === undefined || (!emptyPath && name === '<NA>')) return '<NA>';
  return emptyPath ? resolvePath('', directory) : resolvePath(directory, name);
}

/** The thread goes once everybody has seen its end. */
export function exitEnter(event: CaptureEvent, thread: ThreadState): void {
  event.removeThreadLater(thread);
}
