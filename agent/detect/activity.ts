import type { SyscallEvent } from '../../core/events/syscall.ts';
import type { HeartbeatReply } from '../../core/wire/agents.ts';
import { CONNECTION_TYPES, remoteIp } from './syscall-record.ts';

export type ActivityLevel = HeartbeatReply['activity'];

/** Types that activity of a level needs from the kernel. Process events are always there. */
export const ACTIVITY_TYPES: readonly string[] = ['execve', 'execveat', 'procexit', ...CONNECTION_TYPES];

/** 50,000 keys × about 100 bytes = 5 MB; what is forgotten is stored once more, never less. */
const KEYS_MAX = 50_000;
const MINUTE_NS = 60_000_000_000n;
const EINPROGRESS = -115;

/**
 * Decides which events are stored although no rule matched them. `exec`: every started and ended process,
 * and the first connection of each process to each peer. `full`: that connection once a minute. `off`: none.
 */
export class Activity {
  level: ActivityLevel;
  /** Connections that an earlier one of the same process, peer and minute stands for. */
  collapsed = 0;
  /** Process, direction and peer → minute it was stored in. */
  readonly #seen = new Map<string, bigint>();

  constructor(level: ActivityLevel) {
    this.level = level;
  }

  keeps(event: SyscallEvent): boolean {
    if (this.level === 'off') return false;
    switch (event.type) {
      case 'execve':
      case 'execveat':
        return event.dir === '<' && event.res === 0;
      case 'procexit':
        return event.thread === undefined || event.thread.tid === event.thread.pid;
      default:
        return CONNECTION_TYPES.has(event.type) && this.#isNewConnection(event);
    }
  }

  #isNewConnection(event: SyscallEvent): boolean {
    const tuple = event.fd?.tuple;
    if (tuple === undefined || event.dir !== '<') return false;
    if (event.res !== undefined && event.res < 0 && event.res !== EINPROGRESS) return false;
    const port = tuple.serverPort;
    const key = `${event.thread?.pid ?? event.tid} ${event.type} ${tuple.l4} ${remoteIp(event) ?? ''} ${port}`;
    const minute = this.level === 'full' ? event.timeNs / MINUTE_NS : 0n;
    if (this.#seen.get(key) === minute) {
      this.collapsed += 1;
      return false;
    }
    this.#seen.delete(key);
    this.#seen.set(key, minute);
    if (this.#seen.size > KEYS_MAX) {
      const oldest = this.#seen.keys().next();
      if (!oldest.done) this.#seen.delete(oldest.value);
    }
    return true;
  }
}
