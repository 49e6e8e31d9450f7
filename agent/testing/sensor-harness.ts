import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { GapRecord } from '../../core/events/event.ts';
import type { ContainerInfo, SyscallEvent } from '../../core/events/syscall.ts';
import { buildProbe } from '../probe/build.ts';
import { type Sensor, type SensorOptions, startSensor } from '../sensor.ts';

const run = promisify(execFile);
const EVENT_MS_MAX = 10_000;

export type Harness = {
  readonly sensor: Sensor;
  readonly dir: string;
  /** The program of calls.c and acts.c. */
  readonly calls: string;
  readonly events: SyscallEvent[];
  readonly gaps: GapRecord[];
  readonly fills: ContainerInfo[];
  /** Runs `calls NAME …` and returns what it printed; the exit status must be 0. */
  readonly call: (...args: readonly string[]) => Promise<string>;
  /** Resolves with the first event seen, past or future, for which the test is true. */
  readonly event: (test: (event: SyscallEvent) => boolean) => Promise<SyscallEvent>;
  readonly close: () => Promise<void>;
};

/** The real probe on the running kernel, with everything kept that it sees. */
export async function startHarness(options: Partial<SensorOptions> = {}): Promise<Harness> {
  // Digits: rules look for options in command lines, and a random `-d` in a path would be one.
  const dir = join(tmpdir(), `eyrie-sensor-${randomInt(1e9)}`);
  await mkdir(dir, { mode: 0o700 });
  const calls = join(dir, 'calls');
  const sources = ['calls.c', 'acts.c'].map((name) => join(import.meta.dirname, name));
  await run('cc', ['-O1', '-o', calls, ...sources]);
  const events: SyscallEvent[] = [];
  const gaps: GapRecord[] = [];
  const fills: ContainerInfo[] = [];
  const waiting = new Set<(event: SyscallEvent) => void>();
  const sensor = await startSensor({
    ...(options.probeSocket === undefined && { probePath: await buildProbe() }),
    probe: { readHost: 'all', openFailed: 'all' },
    // A kubelet of this machine knows nothing of the tests' containers.
    containerLogs: join(dir, 'no-logs'),
    log: () => undefined,
    onDrops: (gap) => gaps.push(gap),
    onFill: (container) => fills.push({ ...container }),
    onEvent: (live) => {
      // The thread goes on changing; a test looks at it as it was.
      const event = { ...live, thread: live.thread && { ...live.thread } };
      events.push(event);
      for (const look of [...waiting]) look(event);
    },
    ...options,
  });
  return {
    sensor,
    dir,
    calls,
    events,
    gaps,
    fills,
    call: async (...args) => (await run(calls, args, { cwd: dir })).stdout.trim(),
    event: (test) => waitFor(events, waiting, test),
    close: async () => {
      await sensor.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function waitFor(
  events: readonly SyscallEvent[],
  waiting: Set<(event: SyscallEvent) => void>,
  test: (event: SyscallEvent) => boolean,
): Promise<SyscallEvent> {
  const past = events.find(test);
  if (past !== undefined) return Promise.resolve(past);
  return new Promise((resolve, reject) => {
    const look = (event: SyscallEvent) => {
      if (!test(event)) return;
      clearTimeout(timer);
      waiting.delete(look);
      resolve(event);
    };
    const timer = setTimeout(() => {
      waiting.delete(look);
      reject(new Error(`no such event among ${events.length}: ${test}`));
    }, EVENT_MS_MAX);
    waiting.add(look);
  });
}
