import type { AgentCommand } from '../../core/wire/commands.ts';
import type { Proc, ProcEntry } from './proc.ts';

/** A command cannot be carried out; the message is shown to whoever asked. */
export class CommandError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandError';
  }
}

type Aim = Pick<AgentCommand, 'target' | 'scope'>;

/** Processes that a command is about. Errors: CommandError when there is none. */
export function processesOf(proc: Proc, { target, scope }: Aim): ProcEntry[] {
  if (target.kind === 'node') return proc.all();
  if (target.kind === 'process') return treeOf(proc, target);
  const ids = new Set(scope.containerIds);
  const found = proc
    .all()
    .filter(
      ({ podUid, containerId }) =>
        (podUid !== null && podUid === scope.podUid) || (containerId !== null && ids.has(containerId)),
    );
  if (found.length === 0) throw new CommandError('No process of this pod runs on the node now.');
  return found;
}

/**
 * A process and its descendants, root first. The root must have started by the moment at which it was seen:
 * a later process has the same number only. Errors: CommandError.
 */
export function treeOf(proc: Proc, target: { readonly pid: number; readonly seenAt: string }): ProcEntry[] {
  const root = proc.read(target.pid);
  if (root === undefined) throw new CommandError(`Process ${target.pid} has ended.`);
  if (Date.parse(root.startedAt) > Date.parse(target.seenAt) + CLOCK_SLACK_MS) {
    throw new CommandError(
      `Process ${target.pid} is another one by now: ${root.name} started at ${root.startedAt}, after ${target.seenAt}.`,
    );
  }
  return descendants(proc, [root]);
}

/** False for what has ended and waits for its parent to look. */
export const isAlive = ({ state }: ProcEntry): boolean => state !== 'Z' && state !== 'X';

/** Start times count in ticks of 10 ms from a boot time known to the second. */
const CLOCK_SLACK_MS = 1_000;

/** The given processes and everything below them, parents first. */
export function descendants(proc: Proc, roots: readonly ProcEntry[]): ProcEntry[] {
  const children = new Map<number, ProcEntry[]>();
  for (const entry of proc.all()) children.set(entry.ppid, [...(children.get(entry.ppid) ?? []), entry]);
  const found = new Map(roots.map((root) => [root.pid, root]));
  for (const entry of found.values()) {
    for (const child of children.get(entry.pid) ?? []) if (!found.has(child.pid)) found.set(child.pid, child);
  }
  return [...found.values()];
}
