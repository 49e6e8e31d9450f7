import type { EngineEvent, FdInfo, SyscallEvent, ThreadInfo } from '../events/syscall.ts';
import { fdName, fdType } from './fd-text.ts';
import { ancestor, ancestors, argsText, capabilityText, cmdline, leader } from './process-text.ts';
import { type FieldDef, type FieldType, syscallFields, type Value } from './types.ts';

const proc = syscallFields('proc');
const thread = syscallFields('thread');

type Read = (t: ThreadInfo, event: SyscallEvent) => Value | undefined;

/** The limit is the process's: its leader has it. */
const fdLimit = (t: ThreadInfo): number | undefined => (t.leader ?? t).fdLimit;

/** A field of the event's own process. */
function own(name: string, type: FieldType, help: string, read: Read): FieldDef {
  return proc(name, type, help, (e) => (e.thread ? read(e.thread, e) : undefined));
}

/** A field of the parent process: no value while the parent is unknown. */
function parent(name: string, type: FieldType, help: string, read: Read): FieldDef {
  return proc(name, type, help, (e) => (e.thread?.parent ? read(e.thread.parent, e) : undefined));
}

/** Ancestor field: with an index the n-th ancestor, without one all of them. */
function chain(
  name: string,
  type: FieldType,
  help: string,
  read: (t: ThreadInfo) => string | number,
): FieldDef {
  return proc(
    name,
    type,
    help,
    (e, argument) => {
      if (!e.thread) return undefined;
      if (argument !== '') {
        const found = ancestor(e.thread, Number(argument));
        return found ? read(found) : undefined;
      }
      const names = ancestors(e.thread).map((t) => String(read(t)));
      return names.length > 0 ? names : undefined;
    },
    { argument: { form: 'index', required: false }, cardinality: 'any' },
  );
}

/** Field of the session or process-group leader; empty text when the leader is gone. */
function lead(name: string, help: string, id: 'sid' | 'vpgid', read: (t: ThreadInfo) => string): FieldDef {
  return own(name, 'string', help, (t, event) => {
    const found = leader(t, id, event);
    return found ? read(found) : '';
  });
}

function standard(name: string, help: string, number: number, read: (fd: FdInfo) => string): FieldDef {
  return own(name, 'string', help, (t) => {
    const fd = t.fds.get(number);
    return fd ? read(fd) : undefined;
  });
}

function environment(t: ThreadInfo, name: string): string | undefined {
  if (name === '') {
    // Empty entries at the end are the rest of an area that the process has written over.
    const last = t.env.findLastIndex((entry) => entry !== '');
    return t.env.slice(0, last + 1).join(' ');
  }
  const prefix = `${name}=`;
  return t.env.find((entry) => entry.startsWith(prefix))?.slice(prefix.length);
}

/** First time minus second when both are known and in this order. */
function after(later: bigint | undefined, earlier: bigint | undefined): bigint | undefined {
  return later && earlier && later > earlier ? later - earlier : undefined;
}

function duration(t: ThreadInfo, event: SyscallEvent): bigint | undefined {
  return t.cloneTsNs > 0n ? event.timeNs - t.cloneTsNs : undefined;
}

/** A capture that knows no path shows an empty one; live, there is no value. */
const exepath = (t: ThreadInfo): string | undefined => ('leader' in t ? t.exepath : t.exepath || undefined);

const positive = (n: number): number | undefined => (n === -1 ? undefined : n);

export const PROC_FIELDS: readonly FieldDef[] = [
  own('proc.name', 'string', 'Command name (comm), at most 15 characters', (t) => t.comm),
  own('proc.exe', 'string', 'First argument, as the caller gave it', (t) => t.exe),
  own('proc.exepath', 'path', 'Resolved path of the executable', (t) => exepath(t)),
  proc(
    'proc.args',
    'string',
    'Arguments without the first, joined by blanks; [n] one of them',
    (e, argument) => {
      if (!e.thread) return undefined;
      return argument === '' ? argsText(e.thread) : e.thread.args[Number(argument)];
    },
    { argument: { form: 'index', required: false } },
  ),
  own('proc.cmdline', 'string', 'Command name and arguments', cmdline),
  own('proc.exeline', 'string', 'First argument and the others', (t) => `${t.exe} ${argsText(t)}`),
  own('proc.cmdnargs', 'number', 'Number of arguments', (t) => t.args.length),
  own('proc.cmdlenargs', 'number', 'Length of all arguments', (t) =>
    t.args.reduce((n, a) => n + a.length, 0),
  ),
  proc(
    'proc.env',
    'string',
    'Environment as K=V joined by blanks; [NAME] one value',
    (e, argument) => (e.thread ? environment(e.thread, argument) : undefined),
    { argument: { form: 'key', required: false } },
  ),
  own('proc.cwd', 'path', 'Working directory, always ending with /', (t) =>
    t.cwd === '' ? ('leader' in t ? '' : undefined) : t.cwd.endsWith('/') ? t.cwd : `${t.cwd}/`,
  ),
  own('proc.tty', 'number', 'Controlling terminal device; 0 = none', (t) => t.tty),
  own('proc.pid', 'number', 'Process id', (t) => t.pid),
  own('proc.ppid', 'number', 'Parent process id', (t) => ('leader' in t && !t.leader ? undefined : t.ppid)),
  own('proc.vpid', 'number', 'Process id in its pid namespace', (t) => positive(t.vpid)),
  parent('proc.pvpid', 'number', 'Parent process id in its pid namespace', (t) => positive(t.vpid)),
  parent('proc.pname', 'string', 'Command name of the parent', (t) => t.comm),
  parent('proc.pcmdline', 'string', 'Command line of the parent', cmdline),
  parent('proc.pexe', 'string', 'First argument of the parent', (t) => t.exe),
  parent('proc.pexepath', 'path', 'Executable path of the parent', (t) => exepath(t)),
  chain('proc.aname', 'string', 'Ancestor names; [n] the n-th ancestor, 1 = parent', (t) => t.comm),
  chain('proc.aexe', 'string', 'First arguments of the ancestors', (t) => t.exe),
  chain('proc.aexepath', 'path', 'Executable paths of the ancestors', (t) => t.exepath),
  chain('proc.acmdline', 'string', 'Command lines of the ancestors', cmdline),
  chain('proc.apid', 'number', 'Process ids of the ancestors', (t) => t.pid),
  own('proc.sid', 'number', 'Session id', (t) => t.sid),
  lead('proc.sname', 'Command name of the session leader', 'sid', (t) => t.comm),
  lead('proc.sid.exe', 'First argument of the session leader', 'sid', (t) => t.exe),
  lead('proc.sid.exepath', 'Executable path of the session leader', 'sid', (t) => t.exepath),
  own('proc.vpgid', 'number', 'Process group id in the pid namespace', (t) => t.vpgid),
  lead('proc.vpgid.name', 'Command name of the process group leader', 'vpgid', (t) => t.comm),
  lead('proc.vpgid.exe', 'First argument of the process group leader', 'vpgid', (t) => t.exe),
  lead('proc.vpgid.exepath', 'Executable path of the process group leader', 'vpgid', (t) => t.exepath),
  own('proc.pgid', 'number', 'Process group id', (t) => t.pgid ?? t.vpgid),
  own('proc.is_sid_leader', 'bool', 'The process leads its session', (t) => t.sid === t.vpid),
  own('proc.is_vpgid_leader', 'bool', 'The process leads its process group', (t) => t.vpgid === t.vpid),
  own('proc.duration', 'number', 'Age of the process in ns', duration),
  parent('proc.ppid.duration', 'number', 'Age of the parent in ns', duration),
  own('proc.pid.ts', 'number', 'Start of the process, ns since the epoch', (t) => t.cloneTsNs || undefined),
  parent(
    'proc.ppid.ts',
    'number',
    'Start of the parent, ns since the epoch',
    (t) => t.cloneTsNs || undefined,
  ),
  own('proc.is_exe_writable', 'bool', 'The executable file is writable by the process', (t) => t.exeWritable),
  own('proc.is_exe_upper_layer', 'bool', 'The executable is not part of the image', (t) => t.exeUpperLayer),
  own('proc.is_exe_lower_layer', 'bool', 'The executable is part of the image', (t) => t.exeLowerLayer),
  own('proc.is_exe_from_memfd', 'bool', 'The executable lives in memory only', (t) => t.exeFromMemfd),
  own('proc.exe_ino', 'number', 'Inode of the executable', (t) => t.exeIno || undefined),
  own(
    'proc.exe_ino.ctime',
    'number',
    'Status change time of the executable, ns',
    (t) => t.exeInoCtime || undefined,
  ),
  own(
    'proc.exe_ino.mtime',
    'number',
    'Modification time of the executable, ns',
    (t) => t.exeInoMtime || undefined,
  ),
  own('proc.exe_ino.ctime_duration_proc_start', 'number', 'Start minus executable ctime, ns', (t) =>
    after(t.cloneTsNs, t.exeInoCtime),
  ),
  own(
    'proc.exe_ino.ctime_duration_pidns_start',
    'number',
    'Executable ctime minus namespace start, ns',
    (t) => after(t.exeInoCtime, t.pidnsInitStartTs),
  ),
  own(
    'proc.pidns_init_start_ts',
    'number',
    'Start of the pid namespace, ns',
    (t) => t.pidnsInitStartTs || undefined,
  ),
  own('proc.fdopencount', 'number', 'Open file descriptors', (t) => t.fds.size),
  own('proc.fdlimit', 'number', 'Open file descriptors allowed', fdLimit),
  own('proc.fdusage', 'number', 'Open file descriptors, percent of what is allowed', (t) => {
    const limit = fdLimit(t);
    return limit === undefined ? undefined : limit > 0 ? (t.fds.size * 100) / limit : 0;
  }),
  own('proc.nthreads', 'number', 'Threads of the process', (t) => t.threadCount),
  own('proc.nchilds', 'number', 'Threads of the process besides the first', (t) => t.childCount),
  own('proc.vmsize', 'number', 'Virtual memory, kB', (t) => t.vmSizeKb),
  own('proc.vmrss', 'number', 'Resident memory, kB', (t) => t.vmRssKb),
  own('proc.vmswap', 'number', 'Swapped memory, kB', (t) => t.vmSwapKb),
  own('proc.is_container_healthcheck', 'bool', 'Runs as health check of its container', () => false),
  own('proc.is_container_liveness_probe', 'bool', 'Runs as liveness probe of its container', () => false),
  own('proc.is_container_readiness_probe', 'bool', 'Runs as readiness probe of its container', () => false),
  own('proc.loginshellid', 'number', 'Process id of the oldest shell among the ancestors', (t) => {
    const shell = ('leader' in t ? [t, ...ancestors(t)] : ancestors(t)).findLast((a) => /sh$/.test(a.comm));
    return shell?.pid;
  }),
  standard('proc.stdin.name', 'Standard input', 0, fdName),
  standard('proc.stdin.type', 'Type of standard input', 0, fdType),
  standard('proc.stdout.name', 'Standard output', 1, fdName),
  standard('proc.stdout.type', 'Type of standard output', 1, fdType),
  standard('proc.stderr.name', 'Standard error', 2, fdName),
  standard('proc.stderr.type', 'Type of standard error', 2, fdType),
  thread('thread.tid', 'number', 'Thread id', (e) => e.tid),
  thread(
    'thread.vtid',
    'number',
    'Thread id in its pid namespace',
    (e) => e.thread && positive(e.thread.vtid),
  ),
  thread(
    'thread.ismain',
    'bool',
    'The thread is the group leader',
    (e) => e.thread && e.thread.tid === e.thread.pid,
  ),
  thread(
    'thread.cap_permitted',
    'string',
    'Permitted capabilities, CAP_A CAP_B',
    (e) => e.thread && capabilityText(e.thread.capPermitted),
  ),
  thread(
    'thread.cap_effective',
    'string',
    'Effective capabilities',
    (e) => e.thread && capabilityText(e.thread.capEffective),
  ),
  thread(
    'thread.cap_inheritable',
    'string',
    'Inheritable capabilities',
    (e) => e.thread && capabilityText(e.thread.capInheritable),
  ),
  thread('thread.cgroups', 'string', 'Control groups as subsystem=path', (e) =>
    e.thread?.cgroups
      ? e.thread.cgroups.map(cgroupText).join(' ') || undefined
      : e.thread?.cgroup || undefined,
  ),
  thread(
    'thread.cgroup',
    'string',
    'Control group path of a subsystem',
    (e, subsystem) => cgroup(e.thread, subsystem),
    { argument: { form: 'key', required: false } },
  ),
  thread('thread.nametid', 'string', 'Command name and thread id', (e) => e.thread && e.thread.comm + e.tid),
  thread('thread.pfmajor', 'number', 'Major page faults', (e) => e.thread?.pageFaultsMajor),
  thread('thread.pfminor', 'number', 'Minor page faults', (e) => e.thread?.pageFaultsMinor),
  thread('thread.vmsize', 'number', 'Virtual memory of a process’s first thread, kB', (e) =>
    memory(e, 'vmSizeKb'),
  ),
  thread('thread.vmrss', 'number', 'Resident memory of a process’s first thread, kB', (e) =>
    memory(e, 'vmRssKb'),
  ),
  {
    ...thread('thread.exectime', 'number', 'CPU time that a switch ends, ns', () => undefined),
    bind: execTime,
  },
  {
    ...thread('thread.totexectime', 'number', 'CPU time of the thread so far, ns', () => undefined),
    bind: totalExecTime,
  },
  ...['thread.cpu', 'thread.cpu.user', 'thread.cpu.system'].map((name) =>
    thread(name, 'number', 'CPU time of the last second; not followed', () => undefined),
  ),
];

/** Time since the switch before on the same CPU; 0 for other events. Live, no switches are seen. */
function execTime(): (event: EngineEvent) => bigint | undefined {
  const before = new Map<number, bigint>();
  return (event) => {
    if (event.source !== 'syscall' || !event.parameters) return undefined;
    if (event.type !== 'switch') return 0n;
    const last = before.get(event.cpu);
    before.set(event.cpu, event.timeNs);
    return last === undefined ? 0n : event.timeNs - last;
  };
}

function totalExecTime(): (event: EngineEvent) => bigint | undefined {
  const read = execTime();
  const totals = new WeakMap<ThreadInfo, bigint>();
  return (event) => {
    const time = read(event);
    if (time === undefined || event.source !== 'syscall' || !event.thread) return undefined;
    const total = (totals.get(event.thread) ?? 0n) + time;
    totals.set(event.thread, total);
    return total;
  };
}

/** Memory belongs to the process: its first thread shows it, the others 0. */
function memory(e: SyscallEvent, which: 'vmSizeKb' | 'vmRssKb'): number | undefined {
  if (e.thread?.[which] === undefined) return undefined;
  return e.thread.tid === e.thread.pid ? e.thread[which] : 0;
}

/** The kernel's names of some subsystems are not those of /proc. Source: sinsp_threadinfo, set_cgroups. */
const SUBSYSTEMS: Readonly<Record<string, string>> = { perf: 'perf_event', mem: 'memory', io: 'blkio' };

function cgroupText(entry: string): string {
  const equals = entry.indexOf('=');
  const name = entry.slice(0, equals).replace(/_cgroup$/, '');
  return (SUBSYSTEMS[name] ?? name) + entry.slice(equals);
}

function cgroup(t: ThreadInfo | undefined, subsystem: string): string | undefined {
  if (!t?.cgroups || subsystem === '') return t?.cgroup || undefined;
  const prefix = `${subsystem}=`;
  return t.cgroups
    .map(cgroupText)
    .find((entry) => entry.startsWith(prefix))
    ?.slice(prefix.length);
}
