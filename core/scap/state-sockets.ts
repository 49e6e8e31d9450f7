import type { CaptureEvent } from './capture-event.ts';
import { FD, FdState, L4, ROLE_CLIENT, ROLE_NONE, ROLE_SERVER } from './fd-state.ts';
import { addressParamText, tupleParamText } from './param-text.ts';
import {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_UNIX,
  l4Of,
  readAddress,
  readTuple,
  setEnds,
} from './socket-address.ts';
import type { ThreadState } from './thread-state.ts';
import type { ThreadTable } from './thread-table.ts';

const EINPROGRESS = -115;
const SENDTO_X = 31;
const RECVFROM_X = 35;
const SENDMSG_X = 49;
const RECVMSG_X = 53;
const SOCK_DGRAM = 2;
const IPPROTO_UDP = 17;

export function newSocket(domain: number, type: number, protocol: number): FdState {
  switch (domain) {
    case AF_UNIX:
      return new FdState(FD.unix, '');
    case AF_INET:
    case AF_INET6: {
      const fd = new FdState(domain === AF_INET ? FD.ipv4 : FD.ipv6, '');
      if (domain === AF_INET6) {
        fd.sourceIp = '::';
        fd.destIp = '::';
      }
      fd.l4 = l4Of(type, protocol);
      return fd;
    }
    case AF_NETLINK:
      return new FdState(FD.netlink, '');
    default:
      return new FdState(FD.unknown, '');
  }
}

export function socketExit(event: CaptureEvent, thread: ThreadState): void {
  const number = event.params.i64(0, -1);
  const enter = thread.enterOf(event.def.id);
  if (number < 0 || enter === undefined) return;
  event.attach(thread.addFd(number, newSocket(enter.u32(0), enter.u32(1), enter.u32(2))));
}

export function bindExit(event: CaptureEvent): void {
  const fd = event.changeableFd();
  if (fd === undefined || event.params.i64(0, -1) < 0 || event.params.length(1) <= 0) return;
  const address = readAddress(event.params.raw(1));
  fd.beforeChange();
  // Port 0 leaves the choice to the kernel: such sockets are clients mostly.
  if (address !== undefined && address.port > 0) {
    fd.type = address.type === FD.ipv4 ? FD.ipv4Server : FD.ipv6Server;
    fd.destIp = address.ip;
    fd.destPort = address.port;
    fd.setRole(ROLE_SERVER);
  }
  fd.name = addressParamText(event.params.raw(1));
}

export function connectEnter(event: CaptureEvent): void {
  const fd = event.changeableFd();
  if (fd === undefined) return;
  fd.beforeChange();
  const bytes = event.params.raw(1);
  if (bytes.length === 0) return;
  const address = readAddress(bytes);
  if (address !== undefined) {
    if (typeof fd.sourceIp !== typeof address.ip) fd.sourceIp = address.type === FD.ipv4 ? 0 : '::';
    fd.type = address.type;
    fd.destIp = address.ip;
    fd.destPort = address.port;
  } else if (bytes[0] === AF_UNIX) fd.name = addressParamText(bytes);
}

export function connectExit(event: CaptureEvent): void {
  const fd = event.changeableFd();
  const res = event.params.i64(0, -1);
  if (fd === undefined || (res < 0 && res !== EINPROGRESS)) return;
  fd.connected = true;
  const bytes = event.params.raw(1);
  if (bytes.length === 0) return;
  const ends = readTuple(bytes);
  if (ends !== undefined) {
    const changed = setEnds(fd, ends);
    if (changed && fd.role === ROLE_SERVER && fd.l4 === L4.udp) fd.swapEnds();
    fd.nameByTuple();
  } else fd.name = tupleParamText(bytes);
  if (fd.role === ROLE_NONE) fd.setRole(ROLE_CLIENT);
}

export function acceptExit(event: CaptureEvent, thread: ThreadState): void {
  const number = event.params.i64(0, -1);
  if (number < 0) return;
  thread.lastFd = number;
  const bytes = event.params.raw(1);
  if (bytes.length === 0) return;
  const ends = readTuple(bytes);
  let fd: FdState;
  if (ends !== undefined) {
    fd = new FdState(ends.type, '');
    fd.sourceIp = ends.sourceIp;
    fd.sourcePort = ends.sourcePort;
    fd.destIp = ends.destIp;
    fd.destPort = ends.destPort;
    fd.l4 = L4.tcp;
    fd.nameByTuple();
  } else if (bytes[0] === AF_UNIX) fd = new FdState(FD.unix, tupleParamText(bytes));
  else return;
  fd.setRole(ROLE_SERVER);
  fd.connected = true;
  event.attach(thread.addFd(number, fd));
}

export function socketpairExit(event: CaptureEvent, thread: ThreadState): void {
  const [one, other] = [event.params.i64(1, -1), event.params.i64(2, -1)];
  if (event.params.i64(0, -1) < 0 || (event.merged && one === other)) return;
  const first = thread.addFd(one, new FdState(FD.unix, ''));
  thread.addFd(other, new FdState(FD.unix, ''));
  event.attach(first);
}

/** A datagram is sent by a socket whose creation was not seen. */
export function sendtoEnter(event: CaptureEvent, thread: ThreadState): void {
  const number = event.params.i64(0, -1);
  const family = event.params.u8(2);
  if (event.usedFd === undefined && number >= 0 && (family === AF_INET || family === AF_INET6)) {
    event.attach(thread.addFd(number, newSocket(family, SOCK_DGRAM, IPPROTO_UDP)));
  }
  thread.keepEnter(event.def.id, event.params);
}

/** Data went over a descriptor: a connected socket, and for datagrams perhaps new ends. */
export function transferExit(event: CaptureEvent, thread: ThreadState, table: ThreadTable): void {
  const used = event.usedFd;
  if (used === undefined || event.params.i64(0, -1) < 0) return;
  if (!used.connected && used.isConnection) {
    const fd = event.changeableFd();
    if (fd !== undefined) fd.connected = true;
  }
  const id = event.def.id;
  const incoming = id === RECVFROM_X || id === RECVMSG_X;
  if (!incoming && id !== SENDTO_X && id !== SENDMSG_X) return;
  if (used.l4 === L4.tcp && used.name !== '') return;
  const bytes = incoming ? event.params.raw(id === RECVFROM_X ? 2 : 3) : sentTuple(event, thread);
  if (bytes === undefined || bytes.length === 0) return;
  const fd = event.changeableFd();
  if (fd !== undefined) updateEnds(fd, bytes, incoming, thread, table);
}

function sentTuple(event: CaptureEvent, thread: ThreadState): Uint8Array | undefined {
  return thread.enterOf(event.def.id)?.raw(2);
}

export function updateEnds(
  fd: FdState,
  bytes: Uint8Array,
  incoming: boolean,
  thread: ThreadState,
  table: ThreadTable,
): void {
  if (bytes[0] === AF_UNIX) {
    fd.type = FD.unix;
    fd.name = tupleParamText(bytes);
    return;
  }
  const ends = readTuple(bytes);
  if (ends === undefined) {
    fd.name = tupleParamText(bytes);
    return;
  }
  if (fd.type === FD.ipv6Server && ends.type === FD.ipv6) {
    // The sender overwrites the bound address, and the socket stays a bound one.
    fd.beforeChange();
    fd.destIp = ends.sourceIp;
    fd.name = tupleParamText(bytes);
    return;
  }
  if (fd.type === FD.ipv4Server) overlay(fd);
  if (!setEnds(fd, ends)) return;
  if (fd.l4 === L4.unknown) fd.l4 = L4.udp;
  table.interfaces.complete(fd);
  if (fd.role === ROLE_NONE) guessRole(fd, thread, incoming);
  if (incoming ? fd.role === ROLE_CLIENT : fd.role === ROLE_SERVER) fd.swapEnds();
  fd.nameByTuple();
}

/**
 * libs keeps a bound address and a connection in one union: of a bound socket that exchanges datagrams, port and
 * protocol are read as the peer's address, which stays. Rules and counts of Falco and sysdig see it so.
 */
function overlay(fd: FdState): void {
  fd.beforeChange();
  fd.sourceIp = fd.destIp;
  fd.destIp = fd.destPort | (fd.l4 << 16);
  fd.destPort = 0;
  fd.type = FD.ipv4;
}

/** Whoever owns the destination port serves; a tie goes to who speaks first. */
function guessRole(fd: FdState, thread: ThreadState, incoming: boolean): void {
  let bound = false;
  let clientPort = false;
  for (const other of thread.leader?.ownFds.values() ?? []) {
    if (other.type === FD.ipv4) {
      if (other.destPort === fd.destPort) bound = true;
      if (other.sourcePort === fd.sourcePort) clientPort = true;
    } else if (other.type === FD.ipv4Server && other.destPort === fd.destPort) bound = true;
  }
  if (!bound) fd.setRole(ROLE_CLIENT);
  else if (clientPort) fd.setRole(incoming ? ROLE_SERVER : ROLE_CLIENT);
  else fd.setRole(ROLE_SERVER);
}

export function getsockoptExit(event: CaptureEvent, thread: ThreadState): void {
  if (event.params.count < 2) return;
  thread.lastFd = event.params.i64(1, -1);
  event.attach(thread.fd(thread.lastFd));
}
