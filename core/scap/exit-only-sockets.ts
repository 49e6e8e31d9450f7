import type { CaptureEvent } from './capture-event.ts';
import { FD, type FdState, L4, ROLE_CLIENT, ROLE_NONE, ROLE_SERVER } from './fd-state.ts';
import { tupleParamText } from './param-text.ts';
import { AF_INET, AF_INET6, type Ends, readAddress, readTuple, setEnds } from './socket-address.ts';
import { newSocket, updateEnds } from './state-sockets.ts';
import type { ThreadState } from './thread-state.ts';
import type { ThreadTable } from './thread-table.ts';

const EINPROGRESS = -115;
const SEND_X = 29;
const SENDTO_X = 31;
const RECV_X = 33;
const RECVFROM_X = 35;
const SENDMSG_X = 49;
const SENDMMSG_X = 51;
const RECVMSG_X = 53;
const RECVMMSG_X = 55;
const SOCK_DGRAM = 2;
const IPPROTO_UDP = 17;

/** Where calls that tell both ends keep them. */
const TUPLE_AT: ReadonlyMap<number, number> = new Map([
  [RECV_X, 4],
  [RECVFROM_X, 2],
  [RECVMSG_X, 3],
  [RECVMMSG_X, 4],
  [SEND_X, 4],
  [SENDTO_X, 4],
  [SENDMSG_X, 4],
  [SENDMMSG_X, 4],
]);
const INFERRING: ReadonlySet<number> = new Set([SEND_X, SENDTO_X, SENDMSG_X]);
const INCOMING: ReadonlySet<number> = new Set([RECV_X, RECVFROM_X, RECVMSG_X, RECVMMSG_X]);

export function socketExit(event: CaptureEvent, thread: ThreadState): void {
  const p = event.params;
  const number = p.i64(0, -1);
  if (number < 0) return;
  event.attach(thread.addFd(number, newSocket(p.u32(1), p.u32(2), p.u32(3))));
}

/**
 * The enter event's address is the fallback for a missing tuple, and is believed instead of the exit's where
 * that is what the caller's memory held. Source: libsinsp parse_connect_exit.
 */
export function connectExit(event: CaptureEvent, thread: ThreadState): void {
  const p = event.params;
  const fd = event.changeableFd();
  const res = p.i64(0, -1);
  if (fd === undefined || (res < 0 && res !== EINPROGRESS)) return;
  fd.connected = true;
  const entered = thread.enterOf(event.def.id)?.raw(1);
  const tuple = p.raw(1);
  if (tuple.length === 0) {
    if (entered !== undefined && entered.length > 0) connectTo(fd, entered, event);
    return;
  }
  const ends = readTuple(tuple);
  if (ends !== undefined) {
    believeEnter(ends, p.raw(3), entered);
    const changed = setEnds(fd, ends, true);
    if (changed && fd.role === ROLE_SERVER && fd.l4 === L4.udp) fd.swapEnds();
    fd.nameByTuple();
  } else {
    if (fd.type !== FD.unix) return;
    fd.name = tupleParamText(tuple);
  }
  if (fd.role === ROLE_NONE) fd.setRole(ROLE_CLIENT);
}

function connectTo(fd: FdState, bytes: Uint8Array, event: CaptureEvent): void {
  const address = readAddress(bytes);
  if (address === undefined) {
    fd.name = tupleParamText(event.params.raw(1));
    return;
  }
  fd.beforeChange();
  if (typeof fd.sourceIp !== typeof address.ip) fd.sourceIp = address.type === FD.ipv4 ? 0 : '::';
  fd.type = address.type;
  fd.destIp = address.ip;
  fd.destPort = address.port;
}

function believeEnter(ends: Ends, told: Uint8Array, entered: Uint8Array | undefined): void {
  if (entered === undefined || entered.length === 0 || told.length === 0) return;
  const exit = readAddress(told);
  if (exit === undefined || exit.ip !== ends.destIp || exit.port !== ends.destPort) return;
  const enter = readAddress(entered);
  if (enter === undefined || enter.type !== ends.type) return;
  ends.destIp = enter.ip;
  ends.destPort = enter.port;
}

/** A datagram is sent by a socket whose creation was not seen. */
function inferSocket(event: CaptureEvent, thread: ThreadState): FdState | undefined {
  const p = event.params;
  const number = p.i64(2, -1);
  const family = p.u8(4);
  if (p.i64(0, -1) < 0 || number < 0 || (family !== AF_INET && family !== AF_INET6)) return undefined;
  const fd = newSocket(family, SOCK_DGRAM, IPPROTO_UDP);
  event.attach(thread.addFd(number, fd));
  return fd;
}

/** Data went over a descriptor: a connected socket, and for datagrams perhaps new ends. */
export function transferExit(event: CaptureEvent, thread: ThreadState, table: ThreadTable): void {
  const { id } = event.def;
  let fd = event.usedFd;
  if (fd === undefined && INFERRING.has(id)) fd = inferSocket(event, thread);
  if (fd === undefined || event.params.i64(0, -1) < 0) return;
  if (!fd.connected && fd.isConnection) {
    fd = event.changeableFd() ?? fd;
    fd.connected = true;
  }
  const at = TUPLE_AT.get(id);
  if (at === undefined || (fd.isConnection && fd.l4 === L4.tcp && fd.name !== '')) return;
  const bytes = event.params.raw(at);
  if (bytes.length === 0) return;
  const changeable = event.changeableFd();
  if (changeable !== undefined) updateEnds(changeable, bytes, INCOMING.has(id), thread, table);
}
