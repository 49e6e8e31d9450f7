import type { AgentCommand } from '../../core/wire/commands.ts';
import type { Proc, ProcEntry } from './proc.ts';
import { processesOf } from './scope.ts';
import { type SocketEntry, SocketTables } from './sockets.ts';

export type SnapshotProcess = ProcEntry & { readonly sockets: readonly SocketEntry[] | null };
export type Snapshot = {
  readonly takenAt: string;
  readonly node: string;
  readonly target: AgentCommand['target'];
  readonly processes: readonly SnapshotProcess[];
  /** What could not be read, in words. */
  readonly notes: readonly string[];
};

/** Lists the processes of a node or pod with their sockets. Errors: CommandError when a pod has none. */
export function takeSnapshot(
  proc: Proc,
  node: string,
  command: Pick<AgentCommand, 'target' | 'scope'>,
): Snapshot {
  const tables = new SocketTables(proc);
  const processes = processesOf(proc, command).map((entry) => ({ ...entry, sockets: tables.of(entry.pid) }));
  const noSockets = processes.filter(({ sockets }) => sockets === null).length;
  // Threads of the kernel have no program.
  const noExe = processes.filter(({ exe, args }) => exe === null && args.join('') !== '').length;
  const of = `of ${processes.length} processes`;
  return {
    takenAt: new Date().toISOString(),
    node,
    target: command.target,
    processes,
    notes: [
      ...(noSockets > 0
        ? [`The sockets of ${noSockets} ${of} could not be read: they ended, or belong to another user.`]
        : []),
      ...(noExe > 0
        ? [`The program's path of ${noExe} ${of} could not be read: they ended, or belong to another user.`]
        : []),
    ],
  };
}
