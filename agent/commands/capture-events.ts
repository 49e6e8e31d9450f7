import type { ArgValue, FdInfo, SyscallEvent } from '../../core/events/syscall.ts';
import type { CaptureWriter } from '../../core/scap/capture-writer.ts';
import type { ParamInput } from '../../core/scap/capture-writer-params.ts';
import { type EventDef, eventDefs, type ParamDef } from '../../core/scap/event-defs.ts';
import { ipv4Number } from './capture-state.ts';

type Pair = { readonly enter: EventDef | undefined; readonly exit: EventDef };

/** Definitions of an event by name, latest last; accept4's name is accept where captures have enter events. */
const PAIRS: ReadonlyMap<string, Pair> = pairs();
/** Falco's names that this era of captures spells otherwise. */
const NAMES: Readonly<Record<string, string>> = {
  accept4: 'accept',
  umount: 'umount2',
  dup2: 'dup',
  dup3: 'dup',
  pipe2: 'pipe',
};

/**
 * Writes a live event as enter and exit, as readers of that era expect it: state is kept from both.
 * False when the capture is full. Types that captures of enter and exit events lack are counted by the caller.
 */
export function writeEvent(writer: CaptureWriter, event: SyscallEvent): boolean | undefined {
  const pair = PAIRS.get(NAMES[event.type] ?? event.type);
  if (pair === undefined) return undefined;
  const { cpu, tid, timeNs } = event;
  const write = (def: EventDef, atNs: bigint) =>
    writer.event({
      type: def.id,
      timeNs: atNs,
      tid,
      cpu,
      params: def.params.map((param) => paramValue(event, param)),
    });
  if (pair.enter !== undefined && pair.enter !== pair.exit && !write(pair.enter, timeNs - 1n)) return false;
  if (!write(pair.exit, timeNs)) return false;
  return FORKS.has(event.type) && (event.res ?? 0) > 0 ? writeChild(writer, event, pair.exit) : true;
}

/** The call returns in the child too, and readers take the new process from there. */
function writeChild(writer: CaptureWriter, event: SyscallEvent, exit: EventDef): boolean {
  const { cpu, res = 0, thread, timeNs } = event;
  const own: Readonly<Record<string, number>> = {
    res: 0,
    tid: res,
    pid: res,
    ptid: thread?.pid ?? 0,
    vtid: number(event.args.vpid),
    vpid: number(event.args.vpid),
  };
  const params = exit.params.map((param) => own[param.name] ?? paramValue(event, param));
  return writer.event({ type: exit.id, timeNs, tid: res, cpu, params });
}

function pairs(): Map<string, Pair> {
  const defs = eventDefs(false);
  const found = new Map<string, Pair>();
  for (const def of defs) {
    if (def === undefined) continue;
    // The end of a process has an enter event alone.
    if (def.name === 'procexit') found.set(def.name, { enter: undefined, exit: def });
    const enter = defs[def.id - 1];
    if (def.dir === '<') found.set(def.name, { enter: enter?.dir === '>' ? enter : undefined, exit: def });
  }
  return found;
}

/** The event's value for a parameter, or the empty value of its type: readers want fixed sizes filled. */
function paramValue(event: SyscallEvent, param: ParamDef): ParamInput {
  const { args, thread } = event;
  switch (param.name) {
    case 'cgroups':
      return thread === undefined
        ? []
        : ['cpuset', 'cpu', 'memory'].map((name) => `${name}=${thread.cgroup}`);
    case 'vtid':
      return thread?.vtid ?? -1;
    case 'vpid':
      return thread?.vpid ?? -1;
    case 'gid':
      return thread?.gid ?? 0;
    case 'cwd':
      return text(args.cwd) ?? thread?.cwd ?? '';
    default:
  }
  if (param.type === 'tuple' || param.type === 'sockaddr') return address(event.fd, param.type);
  const value = args[param.name];
  if (param.size > 0) return typeof value === 'number' || typeof value === 'bigint' ? integer(value) : 0;
  if (isList(value)) return value;
  if (value instanceof Uint8Array) return value;
  return text(value) ?? (param.type === 'bytes' ? [] : '');
}

const FORKS: ReadonlySet<string> = new Set(['clone', 'clone3', 'fork', 'vfork']);
const number = (value: ArgValue | undefined): number => (typeof value === 'number' ? value : -1);
const text = (value: ArgValue | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;
const integer = (value: number | bigint): number | bigint =>
  typeof value === 'number' && !Number.isSafeInteger(value) ? Math.trunc(value) || 0 : value;

function isList(value: ArgValue | undefined): value is readonly string[] {
  return Array.isArray(value);
}

function address(fd: FdInfo | undefined, type: 'tuple' | 'sockaddr'): ParamInput {
  if (fd?.typechar === 'u') return type === 'tuple' ? { path: fd.name, source: 0n, peer: 0n } : undefined;
  const { tuple } = fd ?? {};
  if (tuple === undefined) return undefined;
  const end = (ip: string, port: number) => ({ ip: ipv4Number(ip) ?? ip, port });
  const server = end(tuple.serverIp, tuple.serverPort);
  if (tuple.serverIp === '') return undefined;
  if (type === 'sockaddr') return server;
  return tuple.clientIp === '' ? undefined : { source: end(tuple.clientIp, tuple.clientPort), dest: server };
}
