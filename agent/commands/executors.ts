import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Capability, CommandKind } from '../../core/wire/commands.ts';
import type { Executor, Job, Outcome } from './command-runner.ts';
import { counted } from './counted.ts';
import { collectEvidence } from './evidence.ts';
import { FreezeStore } from './freeze-store.ts';
import { Freezer, findFreezer, type Hierarchy, isWritable } from './freezer.ts';
import { killTree } from './kill-tree.ts';
import { Proc } from './proc.ts';
import { refuseProtected } from './protected.ts';
import type { RecentEvents } from './recent-events.ts';
import { ownRights } from './rights.ts';
import { CommandError, processesOf } from './scope.ts';
import { takeSnapshot } from './snapshot.ts';

export type ExecutorOptions = {
  readonly node: string;
  readonly dir: string;
  readonly recent: RecentEvents;
  /** Program that ends processes by pidfd; absent = kill is not available. */
  readonly pidfdKill: string | undefined;
  readonly record: Executor;
  readonly log: (line: string) => void;
  readonly proc?: Proc;
  readonly logsDir?: string;
  /** Default: the freezer that this node's mounts show. */
  readonly hierarchy?: Hierarchy;
};

const AS_ROOT = 'Start it as root with ./eyrie agent --privileged.';
const UNPRIVILEGED = 'The agent runs without capabilities on this node.';
type Able = Omit<Capability, 'kind'>;
const no = (reason: string, fix: string): Able => ({ available: false, reason, fix });
const YES: Able = { available: true };

/** What this agent can do when asked, with what it may do on this node. */
export function makeExecutors(options: ExecutorOptions): {
  readonly executors: Readonly<Record<CommandKind, Executor>>;
  readonly stop: () => void;
} {
  const { node, dir, recent, pidfdKill } = options;
  const proc = options.proc ?? new Proc();
  const rights = ownRights();
  const hierarchy = options.hierarchy ?? findFreezer();
  const freezer = hierarchy === undefined ? undefined : new Freezer(hierarchy, proc);
  const store = freezer === undefined ? undefined : new FreezeStore(dir, freezer, options.log);
  const canFreeze = (): Able => {
    if (hierarchy === undefined)
      return no('This node has no cgroup freezer.', 'Mount cgroup v2, or the freezer of v1.');
    return isWritable(hierarchy) ? YES : no(UNPRIVILEGED, AS_ROOT);
  };
  const executors: Record<CommandKind, Executor> = {
    process_snapshot: {
      able: () =>
        rights.inspect
          ? YES
          : {
              available: true,
              reason: `${UNPRIVILEGED} Programs and sockets of other users stay unread.`,
              fix: AS_ROOT,
            },
      run: (job) => snapshot(proc, node, job),
    },
    collect_evidence: {
      able: () => (rights.inspect ? YES : no(UNPRIVILEGED, AS_ROOT)),
      run: ({ command, dir: own, signal }) => {
        const { logsDir } = options;
        return collectEvidence({
          proc,
          node,
          command,
          dir: own,
          signal,
          recent,
          ...(logsDir !== undefined && { logsDir }),
        });
      },
    },
    record_capture: options.record,
    freeze: { able: canFreeze, run: (job) => freeze(proc, freezer, store, job) },
    thaw: {
      able: canFreeze,
      run: async ({ command }) => {
        if (command.undoOf === null || !(await store?.thaw(command.undoOf)))
          return { summary: 'It was not frozen any more.' };
        return { summary: 'The processes go on.' };
      },
    },
    kill: {
      able: () => {
        if (!rights.kill || !rights.inspect) return no(UNPRIVILEGED, AS_ROOT);
        if (pidfdKill !== undefined && existsSync(pidfdKill)) return YES;
        return no(
          'The program that ends processes by pidfd is missing.',
          'Start the agent with --pidfd-kill PROGRAM.',
        );
      },
      run: async ({ command }) => {
        if (command.target.kind !== 'process' || pidfdKill === undefined)
          throw new CommandError('Only processes are killed.');
        const ended = await killTree(proc, pidfdKill, command.target);
        const names = ended.slice(0, 20).map(({ pid, name }) => `${pid} ${name}`);
        return { summary: `${ended.length} ended: ${names.join(', ')}` };
      },
    },
  };
  return { executors, stop: () => store?.stop() };
}

async function snapshot(proc: Proc, node: string, { command, dir }: Job): Promise<Outcome> {
  const found = takeSnapshot(proc, node, command);
  const name = command.target.kind === 'process' ? String(command.target.pid) : command.target.name;
  const file = join(
    dir,
    `processes-${name.slice(0, 80)}-${found.takenAt.slice(0, 19).replaceAll(/[-:]/g, '')}Z.json`,
  );
  writeFileSync(file, JSON.stringify(found, null, 1), { mode: 0o600 });
  const sockets = found.processes.reduce((sum, one) => sum + (one.sockets?.length ?? 0), 0);
  return {
    file,
    notes: found.notes,
    summary: `${counted(found.processes.length, 'process', 'processes')}, ${counted(sockets, 'socket')}`,
  };
}

async function freeze(
  proc: Proc,
  freezer: Freezer | undefined,
  store: FreezeStore | undefined,
  { command, signal }: Job,
): Promise<Outcome> {
  if (freezer === undefined || store === undefined)
    throw new CommandError('This node has no cgroup freezer.');
  const found = processesOf(proc, command);
  refuseProtected(proc, found);
  const seconds = command.params.seconds ?? 900;
  const untilMs = Date.now() + seconds * 1_000;
  const [root] = found;
  if (root === undefined) throw new CommandError('The process has ended.');
  try {
    if (command.target.kind === 'process') {
      const onMove = (frozen: Parameters<FreezeStore['put']>[1]) => store.put(command.id, frozen, untilMs);
      store.put(
        command.id,
        await freezer.freezeTree(root, `eyrie-${command.id}`, { signal, onMove }),
        untilMs,
      );
    } else {
      const cgroups = freezer.containerCgroups(found);
      store.put(command.id, { cgroups, moved: [] }, untilMs);
      await freezer.freezeCgroups(cgroups, signal);
    }
  } catch (err) {
    await store.thaw(command.id);
    throw err;
  }
  const until = new Date(untilMs).toISOString().slice(11, 19);
  return { summary: `${found.length} processes are frozen until ${until} UTC.` };
}
