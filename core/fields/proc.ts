import type { FdInfo, SyscallEvent, ThreadInfo } from '../events/syscall.ts';
import { fdName, fdTypeName } from './fd-text.ts';
import { ancestor, ancestors, argsText, capabilityText, cmdline, leader } from './process-text.ts';
import { type FieldDef, type FieldType, syscallFields, type Value } from './types.ts';

const proc = syscallFields('proc');
const thread = syscallFields('thread');

type Read = (t: ThreadInfo, event: SyscallEvent) => Value | undefined;

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
  return own(name, 'string', help, (t) => {
    const found = leader(t, id);
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
  if (name === '') return t.env.join(' ');
  const prefix = `${name}=`;
  return t.env.find((entry) => entry.startsWith(prefix))?.slice(prefix.length);
}

function duration(t: ThreadInfo, event: SyscallEvent): bigint | undefined {
  return t.cloneTsNs > 0n ? event.timeNs - t.cloneTsNs : undefined;
}

const positive = (n: number): number | undefined => (n >= 0 ? n : undefined);

export const PROC_FIELDS: readonly FieldDef[] = [
  own('proc.name', 'string', 'Command name (comm), at most 15 characters', (t) => t.comm),
  own('proc.exe', 'string', 'First argument, as the caller gave it', (t) => t.exe),
  own('proc.exepath', 'path', 'Resolved path of the executable', (t) => t.exepath || undefined),
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
  own('proc.exeline', 'string', 'First argument and the others', (t) => `${t.exe} ${argsText(t)}`.trimEnd()),
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
    t.cwd === '' ? undefined : t.cwd.endsWith('/') ? t.cwd : `${t.cwd}/`,
  ),
  own('proc.tty', 'number', 'Controlling terminal device; 0 = none', (t) => t.tty),
  own('proc.pid', 'number', 'Process id', (t) => positive(t.pid)),
  own('proc.ppid', 'number', 'Parent process id', (t) => positive(t.ppid)),
  own('proc.vpid', 'number', 'Process id in its pid namespace', (t) => positive(t.vpid)),
  parent('proc.pvpid', 'number', 'Parent process id in its pid namespace', (t) => positive(t.vpid)),
  parent('proc.pname', 'string', 'Command name of the parent', (t) => t.comm),
  parent('proc.pcmdline', 'string', 'Command line of the parent', cmdline),
  parent('proc.pexe', 'string', 'First argument of the parent', (t) => t.exe),
  parent('proc.pexepath', 'path', 'Executable path of the parent', (t) => t.exepath || undefined),
  chain('proc.aname', 'string', 'Ancestor names; [n] the n-th ancestor, 1 = parent', (t) => t.comm),
  chain('proc.aexe', 'string', 'First arguments of the ancestors', (t) => t.exe),
  chain('proc.aexepath', 'path', 'Executable paths of the ancestors', (t) => t.exepath),
  chain('proc.acmdline', 'string', 'Command lines of the ancestors', cmdline),
  chain('proc.apid', 'number', 'Process ids of the ancestors', (t) => t.pid),
  own('proc.sid', 'number', 'Session id', (t) => positive(t.sid)),
  lead('proc.sname', 'Command name of the session leader', 'sid', (t) => t.comm),
  lead('proc.sid.exe', 'First argument of the session leader', 'sid', (t) => t.exe),
  lead('proc.sid.exepath', 'Executable path of the session leader', 'sid', (t) => t.exepath),
  own('proc.vpgid', 'number', 'Process group id in the pid namespace', (t) => positive(t.vpgid)),
  lead('proc.vpgid.name', 'Command name of the process group leader', 'vpgid', (t) => t.comm),
  lead('proc.vpgid.exe', 'First argument of the process group leader', 'vpgid', (t) => t.exe),
  lead('proc.vpgid.exepath', 'Executable path of the process group leader', 'vpgid', (t) => t.exepath),
  own('proc.pgid', 'number', 'Process group id', (t) => positive(t.vpgid)),
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
  // The live form carries no inode times; the names exist so that rules using them load.
  own('proc.exe_ino.ctime', 'number', 'Status change time of the executable, ns', () => undefined),
  own('proc.exe_ino.mtime', 'number', 'Modification time of the executable, ns', () => undefined),
  own(
    'proc.exe_ino.ctime_duration_proc_start',
    'number',
    'Start minus executable ctime, ns',
    () => undefined,
  ),
  own(
    'proc.exe_ino.ctime_duration_pidns_start',
    'number',
    'Namespace start minus ctime, ns',
    () => undefined,
  ),
  own('proc.pidns_init_start_ts', 'number', 'Start of the pid namespace, ns', () => undefined),
  own('proc.fdopencount', 'number', 'Open file descriptors', (t) => t.fds.size),
  own('proc.loginshellid', 'number', 'Process id of the oldest shell among the ancestors', (t) => {
    const shell = ancestors(t).findLast((a) => /^(?:ba|da|z|k|c|tc|fi)?sh$/.test(a.comm));
    return shell?.pid;
  }),
  standard('proc.stdin.name', 'Standard input', 0, fdName),
  standard('proc.stdin.type', 'Type of standard input', 0, (fd) => fdTypeName(fd.typechar)),
  standard('proc.stdout.name', 'Standard output', 1, fdName),
  standard('proc.stdout.type', 'Type of standard output', 1, (fd) => fdTypeName(fd.typechar)),
  standard('proc.stderr.name', 'Standard error', 2, fdName),
  standard('proc.stderr.type', 'Type of standard error', 2, (fd) => fdTypeName(fd.typechar)),
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
  thread(
    'thread.cgroup',
    'string',
    'Control group path of a subsystem',
    (e) => e.thread?.cgroup || undefined,
    { argument: { form: 'key', required: false } },
  ),
];
