import type { ArgValue, FdInfo, SyscallEvent } from '../events/syscall.ts';
import { ANY_FD, type EventDef } from './event-defs.ts';
import { EventParams } from './event-params.ts';
import type { FdState } from './fd-state.ts';
import type { ThreadState } from './thread-state.ts';

const NO_EVENT: EventDef = {
  id: -1,
  name: '',
  dir: '>',
  category: 'unknown',
  flags: 0,
  params: [],
  index: new Map(),
  resAt: -1,
};

/** One event of a capture. There is one object for all events: it is valid during the callback only. */
export class CaptureEvent implements SyscallEvent {
  readonly source = 'syscall';
  /** evt.num: counts every event of the file from 1, hidden ones too. */
  evtNum = 0;
  tid = 0;
  cpu = 0;
  def: EventDef = NO_EVENT;
  thread: ThreadState | undefined = undefined;
  /** Position of the timestamp in `params.bytes`. */
  timeAt = 0;
  readonly params = new EventParams();
  /** Descriptor that state tracking attached; undefined = look it up by number when asked. */
  fdState: FdState | undefined = undefined;

  get num(): number {
    return this.evtNum;
  }

  get timeNs(): bigint {
    return this.params.view.getBigUint64(this.timeAt, true);
  }

  get type(): string {
    return this.def.name;
  }

  get dir(): '<' | '>' {
    return this.def.dir;
  }

  get res(): number | undefined {
    if (this.def.resAt < 0 || this.params.length(0) < 8) return undefined;
    return this.params.i64(0, 0);
  }

  get fdNum(): number | undefined {
    if ((this.def.flags & ANY_FD) === 0 || this.fd === undefined) return undefined;
    return this.thread?.lastFd;
  }

  get fd(): FdInfo | undefined {
    if ((this.def.flags & ANY_FD) === 0 || this.thread === undefined) return undefined;
    return this.fdState ?? this.thread.fds.get(this.thread.lastFd);
  }

  get args(): Readonly<Record<string, ArgValue>> {
    return {};
  }

  get argText(): Readonly<Record<string, string>> {
    return {};
  }
}
