import { cleanText } from './k8s-audit-facts.ts';
import type { SyscallEvent } from './syscall.ts';

const SUMMARY_MAX = 1_024;
const COMMAND_MAX = 256;
/** Falco's open flags: O_RDONLY 1, O_WRONLY 2, O_RDWR 3. */
const FALCO_O_WRONLY = 2;
/** errno values that mean "policy said no": EPERM 1, EACCES 13, EROFS 30. */
const DENIED_ERRNO = new Set([1, 13, 30]);
/** Calls whose words need no more than their path; past tense. */
const PATH_DEEDS: ReadonlyMap<string, string> = new Map([
  ['unlink', 'deleted'],
  ['unlinkat', 'deleted'],
  ['rmdir', 'removed directory'],
  ['mkdir', 'made directory'],
  ['mkdirat', 'made directory'],
  ['chmod', 'changed the mode of'],
  ['fchmod', 'changed the mode of'],
  ['fchmodat', 'changed the mode of'],
  ['chown', 'changed the owner of'],
  ['fchown', 'changed the owner of'],
  ['lchown', 'changed the owner of'],
  ['fchownat', 'changed the owner of'],
  ['mount', 'mounted'],
  ['umount', 'unmounted'],
  ['umount2', 'unmounted'],
  ['chroot', 'changed its root to'],
  ['chdir', 'changed directory to'],
]);
const MOVE_DEEDS: ReadonlyMap<string, string> = new Map([
  ['rename', 'renamed'],
  ['renameat', 'renamed'],
  ['renameat2', 'renamed'],
  ['link', 'linked'],
  ['linkat', 'linked'],
  ['symlink', 'linked'],
  ['symlinkat', 'linked'],
]);

/** How a syscall ended, from its return value; an unfinished connect (EINPROGRESS) counts as ok. */
export function syscallOutcome(event: SyscallEvent): 'ok' | 'denied' | 'failed' {
  if (event.res === undefined || event.res >= 0 || event.res === -115) return 'ok';
  return DENIED_ERRNO.has(-event.res) ? 'denied' : 'failed';
}

/**
 * One plain sentence on a syscall event: "cat read /etc/shadow", "nc connected to 10.0.0.9:4444. Denied".
 * Shape: at most 1,024 UTF-16 units; text of the process stays as it is, so render it as text only.
 */
export function summarizeSyscall(event: SyscallEvent): string {
  const who = event.thread?.comm || `process ${event.tid}`;
  const outcome = syscallOutcome(event);
  const ending = outcome === 'denied' ? '. Denied' : outcome === 'failed' ? `. Failed${reasonOf(event)}` : '';
  return cleanText(`${who} ${deedOf(event)}${ending}`, SUMMARY_MAX);
}

/** The path or `ip:port` an event acts on; undefined where it has neither. */
export function syscallObject(event: SyscallEvent): string | undefined {
  if (event.type === 'execve' || event.type === 'execveat') return event.thread?.exepath || undefined;
  const tuple = event.fd?.tuple;
  if (tuple !== undefined) {
    return tuple.role === 'client'
      ? endpoint(tuple.serverIp, tuple.serverPort)
      : endpoint(tuple.clientIp, tuple.clientPort);
  }
  return event.fd?.name || pathOf(event) || undefined;
}

function deedOf(event: SyscallEvent): string {
  const path = pathOf(event);
  const pathDeed = PATH_DEEDS.get(event.type);
  if (pathDeed !== undefined) return `${pathDeed} ${path || 'a file'}`;
  const moveDeed = MOVE_DEEDS.get(event.type);
  if (moveDeed !== undefined) {
    const target = textArg(event, 'newpath') || textArg(event, 'linkpath') || textArg(event, 'newname');
    return `${moveDeed} ${path || textArg(event, 'target') || 'a file'}${target === '' ? '' : ` to ${target}`}`;
  }
  switch (event.type) {
    case 'execve':
    case 'execveat':
      return commandLine(event) === event.thread?.comm ? 'started' : `started: ${commandLine(event)}`;
    case 'clone':
    case 'clone3':
    case 'fork':
    case 'vfork':
      return event.res === 0 ? 'began as a copy of its parent' : 'made a child process';
    case 'procexit':
      return 'ended';
    case 'open':
    case 'openat':
    case 'openat2':
    case 'creat':
      return `${opensForWriting(event) ? 'opened for writing' : 'read'} ${path || event.fd?.name || 'a file'}`;
    case 'connect':
    case 'accept':
    case 'accept4':
    case 'bind':
    case 'listen':
    case 'sendto':
    case 'sendmsg':
    case 'recvfrom':
    case 'recvmsg':
      return socketDeed(event);
    case 'ptrace':
      return 'traced another process';
    case 'setns':
      return 'entered another namespace';
    case 'unshare':
      return 'left its namespaces';
    case 'setuid':
    case 'setresuid':
      return `changed its user id to ${textArg(event, 'uid') || textArg(event, 'euid') || 'another'}`;
    case 'kill':
    case 'tkill':
    case 'tgkill':
      return `sent a signal to process ${textArg(event, 'pid') || textArg(event, 'tid') || 'unknown'}`;
    case 'bpf':
      return 'called bpf';
    case 'init_module':
    case 'finit_module':
      return 'loaded a kernel module';
    default:
      return path === '' ? `called ${event.type}` : `called ${event.type} on ${path}`;
  }
}

function socketDeed(event: SyscallEvent): string {
  const tuple = event.fd?.tuple;
  const client = tuple === undefined ? '' : endpoint(tuple.clientIp, tuple.clientPort);
  const server = tuple === undefined ? '' : endpoint(tuple.serverIp, tuple.serverPort);
  const remote = tuple?.role === 'server' ? client : server;
  const peer = remote || event.fd?.name || textArg(event, 'addr') || textArg(event, 'tuple') || 'a socket';
  switch (event.type) {
    case 'connect':
      return `connected to ${peer}`;
    case 'accept':
    case 'accept4':
      return `accepted a connection from ${peer}`;
    case 'bind':
      return `took the address ${server || peer}`;
    case 'listen':
      return `listened on ${server || peer}`;
    case 'sendto':
    case 'sendmsg':
      return `sent to ${peer}`;
    default:
      return `received from ${peer}`;
  }
}

function commandLine(event: SyscallEvent): string {
  const thread = event.thread;
  if (thread === undefined) return pathOf(event) || 'a program';
  const line = [thread.exe || thread.exepath || thread.comm, ...thread.args].join(' ');
  return line.length > COMMAND_MAX ? `${line.slice(0, COMMAND_MAX)}…` : line;
}

function opensForWriting(event: SyscallEvent): boolean {
  const flags = event.argText.flags;
  if (flags !== undefined) return /O_(WRONLY|RDWR|CREAT|TRUNC)/.test(flags);
  return event.type === 'creat' || ((event.fd?.openFlags ?? 0) & FALCO_O_WRONLY) !== 0;
}

/** The path an event names, resolved where the decoder resolved it. */
function pathOf(event: SyscallEvent): string {
  if (event.fd?.tuple !== undefined) return '';
  for (const name of ['name', 'path', 'oldpath', 'filename', 'dir', 'pathname']) {
    const value = textArg(event, name);
    if (value !== '') return value;
  }
  return event.fd?.name ?? '';
}

function textArg(event: SyscallEvent, name: string): string {
  const value = event.argText[name] ?? event.args[name];
  // Falco writes a relative path as `given(resolved)`; the resolved one says where it is.
  if (typeof value === 'string') return /^[^(/][^(]*\((\/.*)\)$/s.exec(value)?.[1] ?? value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
}

function reasonOf(event: SyscallEvent): string {
  if (event.res === -2) return ': not found';
  if (event.res === -111) return ': refused';
  if (event.res === -110) return ': timed out';
  if (event.res === -113 || event.res === -101) return ': unreachable';
  return event.res === undefined ? '' : ` (error ${-event.res})`;
}

function endpoint(ip: string, port: number): string {
  return ip === '' ? '' : ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}
