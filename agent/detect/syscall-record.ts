import type { Category, EventRecord } from '../../core/events/event.ts';
import { summarizeSyscall, syscallObject, syscallOutcome } from '../../core/events/summary.ts';
import type { SyscallEvent } from '../../core/events/syscall.ts';
import { recordFields } from '../../core/fields/record.ts';
import type { Match } from '../../core/rules/ruleset.ts';
import { containerColumns } from '../enrich/container-columns.ts';

export const PROCESS_TYPES: ReadonlySet<string> = new Set([
  'execve',
  'execveat',
  'clone',
  'clone3',
  'fork',
  'vfork',
  'procexit',
]);
export const CONNECTION_TYPES: ReadonlySet<string> = new Set([
  'connect',
  'accept',
  'accept4',
  'bind',
  'listen',
]);

/** Makes the record of a syscall event, with the rule that matched it when it is an alert. */
export function syscallRecord(event: SyscallEvent, match: Match | undefined, node: string): EventRecord {
  const { thread } = event;
  const container = thread?.container;
  return {
    timeNs: String(event.timeNs),
    source: 'syscall',
    type: event.type,
    categories: categoriesOf(event),
    outcome: syscallOutcome(event),
    priority: match?.priority ?? 6,
    rule: match?.rule,
    output: match?.output,
    tags: match?.tags,
    summary: summarizeSyscall(event),
    node,
    ...containerColumns(container),
    user: thread === undefined ? undefined : (thread.user ?? String(thread.uid)),
    process: thread?.comm,
    pid: thread?.pid,
    peer: remoteIp(event),
    object: syscallObject(event),
    fields: recordFields(event),
  };
}

/** The other end's address of a socket event; undefined where there is none. */
export function remoteIp(event: SyscallEvent): string | undefined {
  const tuple = event.fd?.tuple;
  if (tuple === undefined) return undefined;
  return (tuple.role === 'client' ? tuple.serverIp : tuple.clientIp) || undefined;
}

function categoriesOf({ type, fd }: SyscallEvent): Category[] {
  if (PROCESS_TYPES.has(type)) return ['process'];
  if (CONNECTION_TYPES.has(type)) return ['connection'];
  return fd === undefined || fd.typechar === 'f' || fd.typechar === 'd' ? ['file'] : [];
}
