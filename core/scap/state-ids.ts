import type { CaptureEvent } from './capture-event.ts';
import type { ThreadState } from './thread-state.ts';

const NO_ID = 0xffffffff;

function succeeded(event: CaptureEvent): boolean {
  return event.params.i64(0, -1) >= 0;
}

/**
 * A change of the effective user or group; `enterAt`: position of the id in the enter event, one more where
 * the exit event carries the parameters itself.
 */
export function changesId(
  which: 'uid' | 'gid',
  enterAt: number,
  unchangedAllowed: boolean,
): (event: CaptureEvent, thread: ThreadState) => void {
  return (event, thread) => {
    if (!succeeded(event)) return;
    const enter = event.merged ? event.params : thread.enterOf(event.def.id);
    const at = event.merged ? enterAt + 1 : enterAt;
    if (enter === undefined || enter.length(at) < 4) return;
    const id = enter.u32(at);
    if (unchangedAllowed && id === NO_ID) return;
    thread[which] = id;
    thread.changed();
  };
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

export function capsetExit(event: CaptureEvent, thread: ThreadState): void {
  if (!succeeded(event)) return;
  thread.capInheritable = event.params.u64(1);
  thread.capPermitted = event.params.u64(2);
  thread.capEffective = event.params.u64(3);
  thread.changed();
}

/** brk, mmap and munmap tell the process's memory; `switch` the same from position 3. */
export function readsMemory(at: number): (event: CaptureEvent, thread: ThreadState) => void {
  return (event, thread) => {
    const p = event.params;
    if (at > 1) {
      thread.pageFaultsMajor = p.u64(1);
      thread.pageFaultsMinor = p.u64(2);
    }
    const owner = at > 1 ? thread.leader : thread;
    if (owner === undefined || p.count < at + 3) return;
    owner.vmSizeKb = p.u32(at);
    owner.vmRssKb = p.u32(at + 1);
    owner.vmSwapKb = p.u32(at + 2);
  };
}
