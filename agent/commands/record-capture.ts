import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { SyscallEvent } from '../../core/events/syscall.ts';
import { CaptureWriter } from '../../core/scap/capture-writer.ts';
import { writeEvent } from './capture-events.ts';
import { writeState } from './capture-state.ts';
import type { Executor, Job, Outcome } from './command-runner.ts';
import { counted } from './counted.ts';
import type { EventTap } from './event-tap.ts';
import type { Proc } from './proc.ts';
import { CommandError, processesOf } from './scope.ts';

/** What a capture needs of the sensor. */
export type RecordingSensor = {
  /** Undefined while no sensor runs. */
  readonly dropped: () => number | undefined;
  /**
   * Asks for every event type until the returned function is called. Resolves once they are attached;
   * `missing` names what a probe that someone else started does not send.
   */
  readonly widen: () => Promise<{ readonly missing: readonly string[]; readonly end: () => void }>;
};

/** Bytes gathered before they are written. */
const FLUSH_BYTES = 256 * 1024;
const SECONDS_DEFAULT = 30;
const BYTES_DEFAULT = 16 * 1024 * 1024;

/** Records live events of a pod or node into a capture file. One at a time: each widens what the kernel sends. */
export function captureExecutor(options: {
  readonly proc: Proc;
  readonly node: string;
  readonly tap: EventTap;
  readonly sensor: RecordingSensor;
}): Executor {
  let isRecording = false;
  return {
    able: () =>
      options.sensor.dropped() === undefined
        ? {
            available: false,
            reason: 'The kernel sensor does not run on this node.',
            fix: 'See the preflight of the agent: it names what the kernel or the permissions lack.',
          }
        : { available: true },
    run: async (job) => {
      if (isRecording) throw new CommandError('Another capture is being recorded on this node.');
      isRecording = true;
      try {
        return await record(options, job);
      } finally {
        isRecording = false;
      }
    },
  };
}

async function record(
  { proc, node, tap, sensor }: Parameters<typeof captureExecutor>[0],
  { command, dir, signal }: Job,
): Promise<Outcome> {
  const { target, params, scope } = command;
  if (target.kind === 'process') throw new CommandError('Captures are recorded of pods and nodes.');
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  const file = join(dir, `capture-${target.name.slice(0, 80)}-${stamp}Z.scap`);
  const out = new FileSink(file);
  const { missing, end } = await sensor.widen();
  try {
    const droppedBefore = sensor.dropped() ?? 0;
    const writer = new CaptureWriter({
      sink: (bytes) => out.write(bytes),
      bytesMax: params.bytesMax ?? BYTES_DEFAULT,
    });
    writeState(writer, { proc, node, processes: processesOf(proc, command) });
    const ids = new Set(scope.containerIds);
    const isWanted = ({ thread }: SyscallEvent): boolean => {
      if (target.kind === 'node') return true;
      const container = thread?.container;
      return container !== undefined && (container.podUid === scope.podUid || ids.has(container.id));
    };
    const counts = { events: 0, faults: 0 };
    const unknown = new Map<string, number>();
    const ended = await listen({ tap, signal, ms: (params.seconds ?? SECONDS_DEFAULT) * 1_000 }, (event) => {
      if (!isWanted(event)) return true;
      try {
        const written = writeEvent(writer, event);
        if (written === undefined) unknown.set(event.type, (unknown.get(event.type) ?? 0) + 1);
        else if (written) counts.events += 1;
      } catch {
        counts.faults += 1; // a value that its parameter cannot hold costs this event alone
      }
      return !writer.full;
    });
    out.close();
    const dropped = (sensor.dropped() ?? 0) - droppedBefore;
    const notes = [
      ...(ended === 'full' ? ['The size limit was reached before the time was over.'] : []),
      ...(dropped > 0
        ? [`${dropped} events of the node were lost while it was recorded: the ring buffer was full.`]
        : []),
      ...(unknown.size > 0 ? [`Kinds that this capture format lacks are left out: ${listed(unknown)}.`] : []),
      ...(counts.faults > 0 ? [`${counts.faults} events could not be written.`] : []),
      ...(missing.length > 0
        ? [`Not sent by the probe as it was started: ${missing.slice(0, 20).join(', ')}.`]
        : []),
    ];
    return { file, notes, summary: `${counted(counts.events, 'event')}, ${counted(writer.bytes, 'byte')}` };
  } finally {
    end();
    out.close();
  }
}

/** Hands on events until the time is over, the handler says stop, or the signal ends it. */
function listen(
  { tap, signal, ms }: { readonly tap: EventTap; readonly signal: AbortSignal; readonly ms: number },
  onEvent: (event: SyscallEvent) => boolean,
): Promise<'time' | 'full'> {
  return new Promise((resolve, reject) => {
    const end = (how: () => void) => {
      clearTimeout(timer);
      stop();
      signal.removeEventListener('abort', onAbort);
      how();
    };
    const timer = setTimeout(() => end(() => resolve('time')), ms);
    const onAbort = () => end(() => reject(signal.reason));
    const stop = tap.subscribe((event) => {
      if (!onEvent(event)) end(() => resolve('full'));
    });
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}

/** Few large writes instead of one for each event. Errors: throws when the disk is full. */
class FileSink {
  #fd: number | undefined;
  readonly #buffer = Buffer.allocUnsafe(FLUSH_BYTES);
  #used = 0;

  constructor(path: string) {
    this.#fd = openSync(path, 'wx', 0o600);
  }

  write(bytes: Uint8Array): void {
    if (this.#used + bytes.length > FLUSH_BYTES) this.#flush();
    if (bytes.length > FLUSH_BYTES) {
      if (this.#fd !== undefined) writeSync(this.#fd, bytes);
      return;
    }
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  close(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    try {
      this.#flush();
    } finally {
      this.#fd = undefined;
      closeSync(fd);
    }
  }

  #flush(): void {
    if (this.#fd !== undefined && this.#used > 0) writeSync(this.#fd, this.#buffer, 0, this.#used);
    this.#used = 0;
  }
}

const listed = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([type, count]) => `${count} ${type}`).join(', ');
