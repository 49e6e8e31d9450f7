import type { SyscallEvent, ThreadInfo } from '../../core/events/syscall.ts';
import type { RawBase, RawRecord } from '../decode/raw.ts';
import { buildEvent, type EventParts, execParts, exitParts, forkParts } from './build-event.ts';
import { callParts } from './call-parts.ts';
import type { ContainerRegistry } from './containers.ts';
import type { ProcessTree } from './processes.ts';
import { socketParts, socketSucceeded } from './socket-parts.ts';
import { NO_FDS } from './thread.ts';

/** Closing is not traced, so a table only holds what was opened last. 64 × about 200 B a process. */
const FDS_MAX = 64;

export type EnricherOptions = {
  readonly processes: ProcessTree;
  readonly containers: ContainerRegistry;
  readonly wallOffsetNs: () => bigint;
  readonly onEvent: (event: SyscallEvent) => void;
  /** Whether this event type was asked for; state is kept for all. */
  readonly wanted: (type: string) => boolean;
};

type KernelRecord = Exclude<RawRecord, { kind: 'hello' } | { kind: 'drops' }>;

/** Turns a record into an event: state first, then the event that sees it. */
export class Enricher {
  readonly #options: EnricherOptions;

  constructor(options: EnricherOptions) {
    this.#options = options;
  }

  handle(raw: KernelRecord): void {
    const { processes } = this.#options;
    switch (raw.kind) {
      case 'cgroup':
        this.#options.containers.announce(raw.cgroupId, raw.names);
        return;
      case 'exec': {
        const thread = processes.exec(raw);
        if (!raw.snapshot) this.#emit(raw, thread, execParts(raw, thread));
        return;
      }
      case 'fork': {
        processes.fork(raw);
        const parent = processes.threadOf(raw);
        if (this.#options.wanted(raw.call)) this.#emit(raw, parent, forkParts(raw, parent));
        return;
      }
      case 'exit':
        this.#emit(raw, processes.exit(raw), exitParts(raw));
        return;
      case 'syscall': {
        if (raw.name === 'capset' && raw.res === 0) {
          const [inheritable, permitted, effective] = raw.arg;
          processes.setCapabilities(raw, BigInt(inheritable), BigInt(permitted), BigInt(effective));
        }
        const thread = processes.threadOf(raw);
        const parts = callParts(raw, (fd) => thread.fds.get(fd));
        if (raw.res >= 0 && raw.name !== 'finit_module') rememberFd(thread, parts);
        this.#emit(raw, thread, parts);
        return;
      }
      case 'socket': {
        const thread = processes.threadOf(raw);
        const known = thread.fds.get(raw.name.startsWith('dup') || raw.name === 'fcntl' ? raw.fd2 : raw.fd);
        const parts = socketParts(raw, known);
        if (socketSucceeded(raw)) rememberFd(thread, parts);
        this.#emit(raw, thread, parts);
      }
    }
  }

  #emit(raw: RawBase, thread: ThreadInfo, parts: EventParts): void {
    if (!this.#options.wanted(parts.type)) return;
    const timeNs = raw.ktimeNs + this.#options.wallOffsetNs();
    this.#options.onEvent(buildEvent(raw, timeNs, thread, parts));
  }
}

function rememberFd(thread: ThreadInfo, { fdNum, fd }: EventParts): void {
  if (fdNum === undefined || fdNum < 0 || fd === undefined) return;
  if (thread.fds === NO_FDS) thread.fds = new Map();
  const { fds } = thread;
  fds.delete(fdNum);
  fds.set(fdNum, fd);
  if (fds.size <= FDS_MAX) return;
  const [oldest] = fds;
  if (oldest !== undefined) fds.delete(oldest[0]);
}
