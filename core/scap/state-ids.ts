import type { CaptureEvent } from './capture-event.ts';
import type { ThreadState } from './thread-state.ts';
import type { ThreadTable } from './thread-table.ts';

const NO_ID = 0xffffffff;

function succeeded(event: CaptureEvent): boolean {
  return event.params.i64(0, -1) >= 0;
}

/** A change of the effective user or group; `at`: position of the id in the enter event. */
export function changesId(
  which: 'uid' | 'gid',
  at: number,
  unchangedAllowed: boolean,
): (event: CaptureEvent, thread: ThreadState) => void {
  return (event, thread) => {
    if (!succeeded(event)) return;
    const enter = thread.enterOf(event.def.id);
    if (enter === undefined || enter.length(at) < 4) return;
    const id = enter.u32(at);
    if (unchangedAllowed && id === NO_ID) return;
    thread[which] = id;
    thread.changed();
  };
}

/** The same where the exit event names the id, at position `at`; -1 is taken as it is. */
export function namesId(
  which: 'uid' | 'gid',
  at: number,
): (event: CaptureEvent, thread: ThreadState) => void {
  return ({ params }, thread) => {
    if (params.i64(0, -1) !== 0 || params.length(at) < 4) return;
    thread[which] = params.u32(at);
    thread.changed();
  };
}

const CLONE_NEWUSER = 1 << 20;
/** Every capability that there is. */
const ALL_CAPABILITIES = (1n << 41n) - 1n;

/** Whoever enters a new user namespace has all capabilities in it; `at`: position of the flags. */
export function entersNamespace(at: number): (event: CaptureEvent, thread: ThreadState) => void {
  return (event, thread) => {
    if (!succeeded(event) || (event.params.u32(at) & CLONE_NEWUSER) === 0) return;
    thread.capInheritable = ALL_CAPABILITIES;
    thread.capPermitted = ALL_CAPABILITIES;
    thread.capEffective = ALL_CAPABILITIES;
    thread.changed();
  };
}

const RLIMIT_NOFILE = 7;

/** A new limit of open files. */
export function limitExit({ params }: CaptureEvent, thread: ThreadState): void {
  if (params.i64(0, -1) < 0 || params.u8(3) !== RLIMIT_NOFILE) return;
  setFdLimit(thread, params.i64(1, -1));
}

/** The same for any process. */
export function prlimitExit(event: CaptureEvent, _thread: ThreadState, table: ThreadTable): void {
  const { params } = event;
  if (params.i64(0, -1) !== 0 || params.u8(6) !== RLIMIT_NOFILE || params.length(5) < 8) return;
  const tid = params.i64(5, 0);
  const target = table.get(tid === 0 ? event.tid : tid);
  if (target !== undefined) setFdLimit(target, params.i64(1, -1));
}

function setFdLimit(thread: ThreadState, limit: number): void {
  const { leader } = thread;
  if (limit < 0 || leader === undefined) return;
  leader.fdLimit = limit;
  leader.changed();
}

export function setsidExit(event: CaptureEvent, thread: ThreadState): void {
  const sid = event.params.i64(0, -1);
  if (sid < 0) return;
  thread.sid = sid;
  thread.changed();
}

const PR_SET_NAME = 15;

export function prctlExit(event: CaptureEvent, thread: ThreadState): void {
  if (!succeeded(event) || event.params.u32(1) !== PR_SET_NAME) return;
  thread.comm = event.params.text(2);
  thread.changed();
}

const PR_SET_CHILD_SUBREAPER = 36;
const PR_GET_CHILD_SUBREAPER = 37;

/** The process takes the orphans below it as its children, or not. */
export function subreaperExit(event: CaptureEvent, thread: ThreadState): void {
  const option = event.params.u32(1);
  if (!succeeded(event) || (option !== PR_SET_CHILD_SUBREAPER && option !== PR_GET_CHILD_SUBREAPER)) return;
  const group = thread.kin?.group;
  if (group !== undefined) group.reaper = event.params.i64(3, 0) !== 0;
}

export function capsetExit(event: CaptureEvent, thread: ThreadState): void {
  if (!succeeded(event)) return;
  thread.capInheritable = event.params.u64(1);
  thread.capPermitted = event.params.u64(2);
  thread.capEffective = event.params.u64(3);
  thread.changed();
}

/** brk, mmap and munmap tell the process's memory; `switch` the same from position 3. */
export function readsMemory(at: number): (event: CaptureEvent, thread: ThreadState) => void {
  return ({ params: p }, thread) => {
    // Older events do not tell: values are missing or empty.
    const tells = p.length(at + 2) > 0;
    if (at > 1 && tells) {
      thread.pageFaultsMajor = p.u64(1);
      thread.pageFaultsMinor = p.u64(2);
    }
    const owner = at > 1 ? thread.leader : thread;
    if (owner === undefined) return;
    if (p.length(at) > 0) owner.vmSizeKb = p.u32(at);
    if (!tells) return;
    owner.vmRssKb = p.u32(at + 1);
    owner.vmSwapKb = p.u32(at + 2);
  };
}
