import type { ThreadInfo } from '../events/syscall.ts';

/** Ancestors followed upward; deeper trees are cut, and loops end here at the latest. */
export const ANCESTORS_MAX = 64;

// Joined argument texts are cached on the argument array: exec replaces the array, nothing edits it.
const joined = new WeakMap<readonly string[], string>();

/** argv[1..] joined with one space. */
export function argsText(thread: ThreadInfo): string {
  const known = joined.get(thread.args);
  if (known !== undefined) return known;
  const text = thread.args.join(' ');
  joined.set(thread.args, text);
  return text;
}

const cmdlines = new WeakMap<ThreadInfo, { comm: string; args: readonly string[]; text: string }>();

/** comm and arguments; Falco's proc.cmdline takes comm, not argv[0]. */
export function cmdline(thread: ThreadInfo): string {
  const known = cmdlines.get(thread);
  if (known && known.comm === thread.comm && known.args === thread.args) return known.text;
  const args = argsText(thread);
  const text = thread.args.length === 0 ? thread.comm : `${thread.comm} ${args}`;
  cmdlines.set(thread, { comm: thread.comm, args: thread.args, text });
  return text;
}

/** n-th ancestor: 0 the process itself, 1 its parent. undefined when the chain ends before. */
export function ancestor(thread: ThreadInfo | undefined, n: number): ThreadInfo | undefined {
  let at = thread && 'leader' in thread ? thread.leader : thread;
  for (let i = 0; i < n && at; i++) at = at.parent === at ? undefined : at.parent;
  return at;
}

/** Ancestors from the parent upward, at most ANCESTORS_MAX. */
export function ancestors(thread: ThreadInfo): ThreadInfo[] {
  const chain: ThreadInfo[] = [];
  const process = 'leader' in thread ? thread.leader : thread;
  for (let at = process?.parent; at && chain.length < ANCESTORS_MAX; at = at.parent) {
    if (at === thread || chain.includes(at)) break;
    chain.push(at);
  }
  return chain;
}

/** What a captured event knows of other threads; `merged` in the exit-only model. */
type Threads = { readonly merged?: boolean; readonly table?: { get(tid: number): ThreadInfo | undefined } };

/**
 * Leader of the process's session or group: the thread with that id, else the oldest ancestor reached while the id
 * stays equal. An id of another pid namespace is no thread id here, which sysdig 0.29.3 does not heed.
 * Source: libsinsp get_oldest_matching_ancestor; of sysdig 0.29.3 the field proc.sname.
 */
export function leader(thread: ThreadInfo, id: 'sid' | 'vpgid', event: object): ThreadInfo | undefined {
  const wanted = thread[id];
  const { merged, table }: Threads = event;
  const isForeign = thread.vtid >= 0 && thread.vtid !== thread.tid;
  const known = table && (!merged || !isForeign) ? table.get(wanted) : undefined;
  if (known) return known;
  let at: ThreadInfo | undefined = 'leader' in thread ? thread.leader : thread;
  let found: ThreadInfo | undefined = thread.vpid === wanted ? at : undefined;
  for (let i = 0; i < ANCESTORS_MAX && at && at[id] === wanted; i++) {
    found = at;
    at = at.parent === at ? undefined : at.parent;
  }
  return found;
}

const CAPABILITIES =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  );
const capabilityTexts = new Map<bigint, string>();
/** Distinct masks remembered; a node has a handful, an attacker may try many. */
const CAPABILITY_TEXTS_MAX = 1_024;

/** `CAP_A CAP_B` in bit order; empty when none. */
export function capabilityText(mask: bigint): string {
  const known = capabilityTexts.get(mask);
  if (known !== undefined) return known;
  const text = CAPABILITIES.filter((_, bit) => (mask >> BigInt(bit)) & 1n)
    .map((name) => `CAP_${name}`)
    .join(' ');
  if (capabilityTexts.size >= CAPABILITY_TEXTS_MAX) capabilityTexts.clear();
  capabilityTexts.set(mask, text);
  return text;
}
