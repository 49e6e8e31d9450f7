import type { FdInfo } from '../../core/events/syscall.ts';
import { AF_INET, AF_INET6, AF_UNIX } from '../decode/address.ts';
import { dnsQueryName } from '../decode/dns.ts';
import type { RawSocket } from '../decode/raw.ts';
import type { EventParts } from './build-event.ts';

type Tuple = NonNullable<FdInfo['tuple']>;

const L4: Readonly<Record<number, Tuple['l4']>> = { 6: 'tcp', 17: 'udp', 1: 'icmp', 58: 'icmp' };
const SOCK_RAW = 3;
const EINPROGRESS = -115;
const DNS_PORT = 53;
const F_DUPFD_CLOEXEC = 1030;
const MESSAGES: ReadonlySet<string> = new Set(['sendto', 'sendmsg', 'sendmmsg', 'recvfrom', 'recvmsg']);

/** connect, bind, listen, accept, accept4, messages, and dup of a socket onto standard input, output or error. */
export function socketParts(raw: RawSocket, known: FdInfo | undefined): EventParts {
  const fd = describe(raw, known);
  const args: EventParts['args'] = {};
  const tuple = fd === undefined ? undefined : tupleText(fd);
  switch (raw.name) {
    case 'connect':
      Object.assign(args, { res: raw.res, tuple: tuple ?? 'NULL', fd: raw.fd, addr: addressText(raw) });
      break;
    case 'bind':
      Object.assign(args, { res: raw.res, addr: addressText(raw), fd: raw.fd });
      break;
    case 'listen':
      Object.assign(args, { res: raw.res, fd: raw.fd, backlog: raw.arg });
      break;
    case 'accept':
    case 'accept4':
      Object.assign(args, { fd: raw.res, tuple: tuple ?? 'NULL' });
      if (raw.name === 'accept4') args.flags = raw.arg;
      break;
    case 'sendto':
    case 'sendmsg':
    case 'sendmmsg':
    case 'recvfrom':
    case 'recvmsg':
      Object.assign(args, {
        res: raw.res,
        data: raw.data,
        fd: raw.fd,
        size: raw.arg,
        tuple: tuple ?? 'NULL',
      });
      break;
    case 'fcntl':
      Object.assign(args, { res: raw.res, fd: raw.fd2, cmd: raw.arg });
      break;
    default:
      Object.assign(args, { res: raw.res, oldfd: raw.fd2 });
      if (raw.name !== 'dup') args.newfd = raw.res;
  }
  const argText: Record<string, string> =
    fd === undefined ? {} : { fd: `${raw.fd}(<${fdType(raw, fd)}>${tuple})` };
  if (raw.name === 'fcntl') argText.cmd = raw.arg === F_DUPFD_CLOEXEC ? 'F_DUPFD_CLOEXEC' : 'F_DUPFD';
  const query = fd?.tuple?.serverPort === DNS_PORT ? dnsQueryName(raw.data) : undefined;
  if (query !== undefined) args.dns_query = query;
  const isMessage = MESSAGES.has(raw.name);
  return {
    type: raw.name,
    res: raw.res,
    args,
    argText,
    fdNum: raw.fd,
    fd,
    ...(isMessage ? { fdRenamed: raw.isNewPeer } : undefined),
  };
}

function describe(raw: RawSocket, known: FdInfo | undefined): FdInfo | undefined {
  if (raw.family === AF_INET || raw.family === AF_INET6) {
    const typechar = raw.family === AF_INET ? '4' : '6';
    if (MESSAGES.has(raw.name)) {
      const connected = raw.remotePort !== 0;
      return {
        typechar,
        name: '',
        nameRaw: undefined,
        tuple: tupleOf(raw, known?.tuple),
        openFlags: 0,
        connected,
      };
    }
    return { typechar, name: '', nameRaw: undefined, tuple: tupleOf(raw, known?.tuple), openFlags: 0 };
  }
  if (raw.family === AF_UNIX) {
    const name = raw.address?.path ?? known?.name ?? '';
    return { typechar: 'u', name, nameRaw: undefined, tuple: undefined, openFlags: 0 };
  }
  return known;
}

function tupleOf(raw: RawSocket, known: Tuple | undefined): Tuple {
  const l4 = raw.type === SOCK_RAW ? 'raw' : (L4[raw.protocol] ?? 'na');
  if (raw.name === 'connect') {
    // After a refused connect the socket has forgotten the peer; the passed address has not.
    const peer = raw.remotePort === 0 ? raw.address : { ip: raw.remoteIp, port: raw.remotePort };
    return {
      l4,
      clientIp: raw.localIp,
      clientPort: raw.localPort,
      serverIp: peer?.ip ?? '',
      serverPort: peer?.port ?? 0,
      role: 'client',
    };
  }
  if (raw.name === 'bind' || raw.name === 'listen') {
    const own = raw.name === 'bind' && raw.res < 0 ? raw.address : undefined;
    return {
      l4,
      clientIp: '',
      clientPort: 0,
      serverIp: own?.ip ?? raw.localIp,
      serverPort: own?.port ?? raw.localPort,
      role: 'server',
    };
  }
  if (MESSAGES.has(raw.name)) return messageTuple(raw, l4, known);
  // Of a duplicated socket only its history tells which end began; an unknown one counts as a client.
  const server = raw.name === 'accept' || raw.name === 'accept4' || known?.role === 'server';
  const local = { ip: raw.localIp, port: raw.localPort };
  const remote = { ip: raw.remoteIp, port: raw.remotePort };
  const [client, serverEnd] = server ? [remote, local] : [local, remote];
  return {
    l4,
    clientIp: client.ip,
    clientPort: client.port,
    serverIp: serverEnd.ip,
    serverPort: serverEnd.port,
    role: server ? 'server' : 'client',
  };
}

/** Who speaks first is the client. */
function messageTuple(raw: RawSocket, l4: Tuple['l4'], known: Tuple | undefined): Tuple {
  const peer = raw.address?.ip ? raw.address : { ip: raw.remoteIp, port: raw.remotePort };
  // A socket bound to no address has none until the packet is routed.
  const own = /^(0\.0\.0\.0|::)$/.test(raw.localIp) ? '' : raw.localIp;
  const isSpokenTo = raw.name.startsWith('recv') && raw.isNewPeer;
  if (known?.role === 'server' || isSpokenTo) {
    const { ip, port } = peer;
    return { l4, clientIp: ip, clientPort: port, serverIp: own, serverPort: raw.localPort, role: 'server' };
  }
  return {
    l4,
    clientIp: own,
    clientPort: raw.localPort,
    serverIp: peer.ip,
    serverPort: peer.port,
    role: 'client',
  };
}

/** Whether the call gave the descriptor its meaning, so that it is worth remembering. */
export function socketSucceeded(raw: RawSocket): boolean {
  return raw.res >= 0 || raw.res === EINPROGRESS;
}

function tupleText(fd: FdInfo): string {
  const { tuple } = fd;
  if (tuple === undefined) return fd.name;
  const server = `${tuple.serverIp}:${tuple.serverPort}`;
  return tuple.clientIp === '' ? server : `${tuple.clientIp}:${tuple.clientPort}->${server}`;
}

function fdType(raw: RawSocket, fd: FdInfo): string {
  const letter = raw.protocol === 6 ? 't' : raw.protocol === 17 ? 'u' : '';
  return `${fd.typechar}${letter}`;
}

function addressText(raw: RawSocket): string {
  if (raw.address === undefined) return 'NULL';
  return raw.address.path !== '' || raw.address.ip === ''
    ? raw.address.path
    : `${raw.address.ip}:${raw.address.port}`;
}
