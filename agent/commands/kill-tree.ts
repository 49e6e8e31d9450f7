import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { AgentCommand } from '../../core/wire/commands.ts';
import type { Proc, ProcEntry } from './proc.ts';
import { refuseProtected } from './protected.ts';
import { CommandError, descendants, isAlive, treeOf } from './scope.ts';

const run = promisify(execFile);
const CALL_MS = 5_000;
/** Children that were born while their parents were stopped are found in the next round. */
const ROUNDS_MAX = 10;
const END_MS = 3_000;
const STEP_MS = 10;
const GONE = 3;
const OTHER = 4;

/**
 * Ends a process and its descendants with SIGKILL. All of them are stopped first, so that none can start
 * another that nobody finds once its parent has ended. Returns what was ended.
 * Errors: CommandError; for protected processes everything goes on.
 */
export async function killTree(
  proc: Proc,
  helper: string,
  target: Extract<AgentCommand['target'], { kind: 'process' }>,
): Promise<readonly ProcEntry[]> {
  const first = treeOf(proc, target);
  refuseProtected(proc, first);
  const stopped = new Map<string, ProcEntry>();
  try {
    for (let round = 0; ; round += 1) {
      const roots = round === 0 ? first : [...stopped.values()].flatMap((one) => again(proc, one));
      const running = descendants(proc, roots).filter((one) => isAlive(one) && !stopped.has(key(one)));
      if (running.length === 0) break;
      if (round === ROUNDS_MAX) throw new CommandError('New processes appear as fast as they are stopped.');
      refuseProtected(proc, running);
      for (const one of running) if (await signal(helper, 'STOP', one)) stopped.set(key(one), one);
    }
  } catch (err) {
    for (const one of stopped.values()) await signal(helper, 'CONT', one);
    throw err;
  }
  const ended: ProcEntry[] = [];
  for (const one of stopped.values()) if (await signal(helper, 'KILL', one)) ended.push(one);
  await gone(proc, ended);
  return ended;
}

const key = ({ pid, startTicks }: ProcEntry): string => `${pid}:${startTicks}`;

/** The process as it is now; none when it ended. */
function again(proc: Proc, one: ProcEntry): ProcEntry[] {
  const now = proc.read(one.pid);
  return now?.startTicks === one.startTicks ? [now] : [];
}

/** A signalled process needs a moment to end; one that hangs in the kernel longer than any wait. */
async function gone(proc: Proc, entries: readonly ProcEntry[]): Promise<void> {
  const endMs = performance.now() + END_MS;
  const isLeft = (one: ProcEntry) => again(proc, one).some(isAlive);
  while (entries.some(isLeft)) {
    if (performance.now() > endMs) {
      const stuck = entries.filter(isLeft).map(({ pid }) => pid);
      throw new CommandError(`Killed, but not ended after ${END_MS} ms: ${stuck.slice(0, 20).join(', ')}.`);
    }
    await delay(STEP_MS);
  }
}

/** False when the process ended before, or another one has its number. */
async function signal(
  helper: string,
  name: 'STOP' | 'CONT' | 'KILL',
  { pid, startTicks }: ProcEntry,
): Promise<boolean> {
  try {
    await run(helper, [name, String(pid), String(startTicks)], { timeout: CALL_MS });
    return true;
  } catch (err) {
    const status = err instanceof Error && 'code' in err ? err.code : undefined;
    if (status === GONE || status === OTHER) return false;
    const detail = err instanceof Error && 'stderr' in err ? String(err.stderr).trim() : String(err);
    throw new CommandError(`Process ${pid} did not take the signal ${name}: ${detail}`);
  }
}
