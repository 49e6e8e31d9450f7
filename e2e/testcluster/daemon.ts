import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { waitFor } from './command.ts';
import type { ClusterLayout } from './paths.ts';

/** A pid alone may be reused by a stranger; with its start time it names one process. */
const pidFileSchema = z.object({ pid: z.number().int().positive(), startTime: z.string() });
const DEFAULT_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
type PidFile = z.infer<typeof pidFileSchema>;

/** Start time in clock ticks since boot; undefined when no such process. Source: proc(5), stat field 22. */
export function processStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Starts a detached process whose output goes to log/<name>.log and whose identity to pids/<name>.json. */
export function startDaemon(layout: ClusterLayout, name: string, argv: readonly [string, ...string[]]): void {
  const log = openSync(join(layout.logDir, `${name}.log`), 'a');
  const [command, ...args] = argv;
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: layout.runDir,
    // Nothing of the caller's environment (proxies, KUBECONFIG) may steer a daemon. NODE_ENV pleases the types.
    env: { NODE_ENV: 'production', PATH: process.env.PATH ?? DEFAULT_PATH, HOME: '/root' },
  });
  closeSync(log);
  child.on('error', () => undefined);
  if (child.pid === undefined) throw new Error(`cannot start ${name}: ${command} is not there`);
  const record: PidFile = { pid: child.pid, startTime: processStartTime(child.pid) ?? '' };
  writeFileSync(join(layout.pidDir, `${name}.json`), JSON.stringify(record));
  child.unref();
}

export function daemonNames(layout: ClusterLayout): string[] {
  if (!existsSync(layout.pidDir)) return [];
  return readdirSync(layout.pidDir).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));
}

/** Pid of a running daemon; undefined when it ended or was never started. */
export function daemonPid(layout: ClusterLayout, name: string): number | undefined {
  let record: PidFile;
  try {
    record = pidFileSchema.parse(JSON.parse(readFileSync(join(layout.pidDir, `${name}.json`), 'utf8')));
  } catch {
    return undefined;
  }
  return processStartTime(record.pid) === record.startTime ? record.pid : undefined;
}

/** Last lines of a daemon's log, for error messages. */
export function daemonLogTail(layout: ClusterLayout, name: string, lines = 8): string {
  try {
    return readFileSync(join(layout.logDir, `${name}.log`), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(-lines)
      .join('\n');
  } catch {
    return '(no log)';
  }
}

/** Ends one daemon: SIGTERM, then SIGKILL after `graceMs`. Does nothing when it is gone. */
export async function stopDaemon(layout: ClusterLayout, name: string, graceMs = 2_000): Promise<void> {
  const pid = daemonPid(layout, name);
  if (pid !== undefined) await endProcesses([pid], graceMs);
  rmSync(join(layout.pidDir, `${name}.json`), { force: true });
}

/** Ends the given processes: SIGTERM, wait, SIGKILL to those that are left, wait. */
export async function endProcesses(pids: readonly number[], graceMs: number): Promise<void> {
  const targets = pids.flatMap((pid) => {
    const startTime = processStartTime(pid);
    return startTime === undefined ? [] : [{ pid, startTime }];
  });
  const alive = () => targets.filter((target) => processStartTime(target.pid) === target.startTime);
  const gone = async () => (alive().length === 0 ? true : undefined);
  for (const [signal, timeoutMs] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', 5_000],
  ] as const) {
    if (signal === 'SIGTERM' && graceMs === 0) continue;
    for (const { pid } of alive()) signalQuietly(pid, signal);
    try {
      await waitFor('end of processes', gone, { timeoutMs, everyMs: 20 });
      return;
    } catch (error) {
      if (signal === 'SIGKILL') throw error;
    }
  }
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended between the look and the signal.
  }
}
