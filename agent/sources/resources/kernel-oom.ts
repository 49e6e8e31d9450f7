import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';

export type OomKill = {
  readonly timeNs: bigint;
  /** Number of the kernel's message; with the boot it is unique. */
  readonly sequence: number;
  readonly cgroup: string;
  readonly process: string;
  readonly pid: number;
  readonly uid: number;
  /** The node ran out of memory, not a cgroup. */
  readonly isNode: boolean;
};

const RECORD_BYTES_MAX = 8_192;
/** One look reads at most this many messages; the kernel keeps a few thousand. */
const RECORDS_MAX = 20_000;

/**
 * Reads the kernel's own messages about processes that it killed for memory. Unlike the counters of a
 * cgroup they remain when the container's cgroup has gone.
 * Errors: undefined from open() where /dev/kmsg may not be read.
 * Source: Documentation/ABI/testing/dev-kmsg; mm/oom_kill.c dump_oom_victim().
 */
export class KernelOom {
  readonly #fd: number;
  #after: number;
  /** Messages that the kernel had dropped before they were read. */
  missed = 0;

  static open(after: number): KernelOom | undefined {
    try {
      return new KernelOom(openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK), after);
    } catch {
      return undefined;
    }
  }

  private constructor(fd: number, after: number) {
    this.#fd = fd;
    this.#after = after;
  }

  close(): void {
    closeSync(this.#fd);
  }

  get sequence(): number {
    return this.#after;
  }

  /** What the kernel said since the last look. */
  read(nowMs: number): readonly OomKill[] {
    const kills: OomKill[] = [];
    const buffer = Buffer.allocUnsafe(RECORD_BYTES_MAX);
    const bootNs = BigInt(Math.trunc(nowMs)) * 1_000_000n - uptimeNs();
    for (let count = 0; count < RECORDS_MAX; count += 1) {
      let length: number;
      try {
        length = readSync(this.#fd, buffer, 0, buffer.length, null);
      } catch (err) {
        // EPIPE: overwritten before it was read; the next read goes on with the oldest there is.
        if (!(err instanceof Error && 'code' in err && err.code === 'EPIPE')) return kills;
        this.missed += 1;
        continue;
      }
      if (length === 0) return kills;
      const record = buffer.subarray(0, length).toString();
      const sequence = Number(/^\d+,(\d+),/.exec(record)?.[1] ?? -1);
      if (sequence <= this.#after) continue;
      this.#after = sequence;
      const kill = parseOomKill(record, bootNs);
      if (kill !== undefined) kills.push(kill);
    }
    return kills;
  }
}

/** Reads one record of /dev/kmsg; undefined for all others, and for what a program wrote there. */
export function parseOomKill(record: string, bootNs: bigint): OomKill | undefined {
  const head = /^(\d{1,6}),(\d{1,15}),(\d{1,15}),[^;]{0,64};oom-kill:/.exec(record);
  // The facility stands above the three bits of the level; 0 is the kernel, and nobody else may use it.
  if (head === null || Number(head[1]) >> 3 !== 0) return undefined;
  const text = record.slice(head[0].length).split('\n')[0] ?? '';
  const cgroupAt = text.indexOf(',task_memcg=');
  const taskAt = text.indexOf(',task=', cgroupAt);
  const end = /,pid=(\d{1,10}),uid=(\d{1,10})$/.exec(text);
  if (cgroupAt < 0 || taskAt < 0 || end === null) return undefined;
  return {
    timeNs: bootNs + BigInt(head[3] ?? 0) * 1_000n,
    sequence: Number(head[2]),
    cgroup: text.slice(cgroupAt + 12, taskAt),
    process: text.slice(taskAt + 6, end.index),
    pid: Number(end[1]),
    uid: Number(end[2]),
    isNode: !text.startsWith('constraint=CONSTRAINT_MEMCG'),
  };
}

function uptimeNs(): bigint {
  try {
    const seconds = Number.parseFloat(readFileSync('/proc/uptime', 'utf8'));
    return BigInt(Math.round(seconds * 1_000)) * 1_000_000n;
  } catch {
    return 0n;
  }
}
