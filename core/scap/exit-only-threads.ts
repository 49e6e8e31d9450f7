import { CHILD_IN_PIDNS, type ThreadState } from './thread-state.ts';
import type { ThreadTable } from './thread-table.ts';

/** Ancestors looked at for a new parent; longer chains are not of a real machine. */
const ANCESTORS_MAX = 256;
/** Orphans of one process that get a new parent; more of them, moved on and on, would take a capture's time. */
const ORPHANS_MAX = 4_096;
const INIT = 1;

/** Threads of one process, dead ones too until they leave the table. */
export class ThreadGroup {
  readonly threads = new Set<ThreadState>();
  alive = 0;
  leader: ThreadState | undefined = undefined;
  /** Orphans below this process become its children. */
  reaper: boolean;

  constructor(reaper: boolean) {
    this.reaper = reaper;
  }

  /** Threads that live besides the leader. */
  get others(): number {
    return this.leader === undefined || this.leader.kin?.dead === true ? this.alive : this.alive - 1;
  }

  /** A thread that lives, the leader first. */
  living(except: ThreadState | undefined): ThreadState | undefined {
    const { leader } = this;
    if (leader !== undefined && leader !== except && leader.kin?.dead !== true) return leader;
    for (const thread of this.threads) if (thread !== except && thread.kin?.dead !== true) return thread;
    return undefined;
  }
}

/** Relations of a thread in the exit-only model. */
export class Kin {
  group: ThreadGroup | undefined = undefined;
  /** Made when the first comes: most threads have none. */
  children: Set<ThreadState> | undefined = undefined;
  dead = false;
  reaperTid = -1;
}

/** A placeholder: the capture has not told where it comes from. */
export const isInvalid = (thread: ThreadState): boolean =>
  thread.tid < 0 || thread.ptid < 0 || thread.pid < 0;

const kinOf = (thread: ThreadState): Kin => {
  thread.kin ??= new Kin();
  return thread.kin;
};

/** Puts a thread into its process and under its parent. Source: libsinsp create_thread_dependencies. */
export function relate(thread: ThreadState, table: ThreadTable): void {
  const kin = kinOf(thread);
  if (isInvalid(thread) || kin.group !== undefined) return;
  let group = table.groups.get(thread.pid);
  if (group === undefined) {
    group = new ThreadGroup(thread.pid === INIT || thread.vpid === INIT);
    table.groups.set(thread.pid, group);
  }
  group.threads.add(thread);
  if (thread.isLeader) group.leader = thread;
  group.alive++;
  kin.group = group;
  if (thread.pid === INIT) return;
  const parent = table.get(thread.ptid);
  if (parent === undefined || isInvalid(parent)) setParent(thread, 0);
  else adopt(parent, thread);
}

function adopt(parent: ThreadState, child: ThreadState): void {
  const kin = kinOf(parent);
  kin.children ??= new Set();
  kin.children.add(child);
}

/** Relates every thread that was there when the capture began. */
export function relateAll(table: ThreadTable): void {
  for (const thread of table.values()) relate(thread, table);
}

function setParent(thread: ThreadState, tid: number): void {
  thread.ptid = tid;
  thread.changed();
}

const hasChildren = ({ children }: Kin): boolean => children !== undefined && children.size > 0;

/** The thread is no more; it leaves the table later. */
export function markDead(thread: ThreadState, reaperTid: number): void {
  const kin = kinOf(thread);
  if (kin.group !== undefined && !kin.dead) kin.group.alive--;
  kin.dead = true;
  if (hasChildren(kin)) kin.reaperTid = reaperTid;
}

/** The last thread of a process called exec: it goes on under the leader's id, which had ended. */
export function resurrect(thread: ThreadState): void {
  const { kin } = thread;
  if (kin?.dead !== true) return;
  kin.dead = false;
  if (kin.group !== undefined) kin.group.alive++;
}

/** Takes a thread out of the table; a process's first stays while others of it live. */
export function removeThread(thread: ThreadState, table: ThreadTable): void {
  const kin = kinOf(thread);
  const { group } = kin;
  if (table.get(thread.tid) !== thread) return;
  if (isInvalid(thread) || group === undefined) {
    leaveParent(thread, table);
    table.remove(thread.tid);
    return;
  }
  if (!kin.dead) {
    group.alive--;
    kin.dead = true;
  }
  if (hasChildren(kin)) giveChildrenAway(thread, kin, table);
  if (group.alive <= 0) {
    group.threads.delete(thread);
    leaveParent(thread, table);
    table.groups.delete(thread.pid);
    const leader = table.get(thread.pid);
    if (leader !== undefined) leaveParent(leader, table);
    table.remove(thread.pid);
  }
  if (!thread.isLeader) {
    group.threads.delete(thread);
    leaveParent(thread, table);
    table.remove(thread.tid);
  }
}

function leaveParent(thread: ThreadState, table: ThreadTable): void {
  table.get(thread.ptid)?.kin?.children?.delete(thread);
}

function giveChildrenAway(thread: ThreadState, kin: Kin, table: ThreadTable): void {
  let reaper = kin.reaperTid > 0 ? table.get(kin.reaperTid) : undefined;
  if (reaper === undefined || isInvalid(reaper)) reaper = newReaper(thread, kin, table);
  if (reaper === thread) reaper = undefined;
  if (reaper !== undefined) {
    const group = reaper.kin?.group;
    if (reaper.pid !== thread.pid && group !== undefined) group.reaper = true;
  }
  let moved = 0;
  for (const child of kin.children ?? []) {
    if (table.get(child.tid) !== child) continue;
    if (++moved > ORPHANS_MAX) reaper = undefined;
    setParent(child, reaper === undefined || reaper === child ? 0 : reaper.tid);
    if (reaper !== undefined && reaper !== child) {
      adopt(reaper, child);
      reaper.hasRelatives = true;
    }
  }
  kin.children = undefined;
}

const inNamespace = (thread: ThreadState): boolean =>
  (thread.flags & CHILD_IN_PIDNS) !== 0 || (thread.vtid >= 0 && thread.tid !== thread.vtid);

/** As the kernel does: another thread of the process, else the nearest ancestor that takes orphans. */
function newReaper(thread: ThreadState, kin: Kin, table: ThreadTable): ThreadState | undefined {
  if (kin.group !== undefined && kin.group.alive > 0) {
    const other = kin.group.living(thread);
    if (other !== undefined) return other;
  }
  const seen = new Set([thread.tid]);
  let parent = table.get(thread.ptid);
  while (parent !== undefined && !seen.has(parent.tid) && seen.size < ANCESTORS_MAX) {
    seen.add(parent.tid);
    if (inNamespace(parent) !== inNamespace(thread)) return undefined;
    const group = parent.kin?.group;
    if (group?.reaper === true && group.alive > 0) {
      const living = group.living(undefined);
      if (living !== undefined) return living;
    }
    parent = table.get(parent.ptid);
  }
  return undefined;
}
