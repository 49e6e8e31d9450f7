import type { FdInfo, SyscallEvent } from '../events/syscall.ts';
import { directoryOf, fdName, fdTypeName, filenameOf, isSocket } from './fd-text.ts';
import { type FieldDef, type FieldType, syscallFields, type Value } from './types.ts';

const define = syscallFields('fd');
type Tuple = NonNullable<FdInfo['tuple']>;
type Extra = Partial<Pick<FieldDef, 'cardinality' | 'storedAs' | 'argument'>>;

function ofFd(
  name: string,
  type: FieldType,
  help: string,
  read: (fd: FdInfo) => Value | undefined,
): FieldDef {
  return define(name, type, help, (e) => (e.fd ? read(e.fd) : undefined));
}

function ofTuple(
  name: string,
  type: FieldType,
  help: string,
  read: (t: Tuple) => Value | undefined,
  extra: Extra = {},
): FieldDef {
  return define(name, type, help, (e) => (e.fd?.tuple ? read(e.fd.tuple) : undefined), extra);
}

// A listening socket has no client side: its address is empty.
const client = (t: Tuple): string | undefined => t.clientIp || undefined;
const clientPort = (t: Tuple): number | undefined => (t.clientIp === '' ? undefined : t.clientPort);
const server = (t: Tuple): string | undefined => t.serverIp || undefined;
const local = (t: Tuple) => (t.role === 'client' ? client(t) : server(t));
const remote = (t: Tuple) => (t.role === 'client' ? server(t) : client(t));
const localPort = (t: Tuple) => (t.role === 'client' ? clientPort(t) : t.serverPort);
const remotePort = (t: Tuple) => (t.role === 'client' ? t.serverPort : clientPort(t));
const bothIps = (t: Tuple): readonly string[] =>
  t.clientIp === '' ? [t.serverIp] : [t.clientIp, t.serverIp];
const bothPorts = (t: Tuple): readonly string[] =>
  t.clientIp === '' ? [String(t.serverPort)] : [String(t.clientPort), String(t.serverPort)];

const isFile = (fd: FdInfo): boolean => fd.typechar === 'f' || fd.typechar === 'd';

// Open flag bits set by the driver: file lies in an overlay's upper or lower layer.
const UPPER_LAYER = 1 << 15;
const LOWER_LAYER = 1 << 16;

function openTypes(event: SyscallEvent): readonly string[] | undefined {
  if (!event.thread) return undefined;
  return [...new Set([...event.thread.fds.values()].map((fd) => fdTypeName(fd.typechar)))];
}

/** Names behind addresses need a resolver at run time; without one they never have a value. */
function unresolved(name: string): FieldDef {
  return define(name, 'string', 'Domain name of the address (needs a resolver)', () => undefined);
}

export const FD_FIELDS: readonly FieldDef[] = [
  define('fd.num', 'number', 'File descriptor number', (e) => e.fdNum),
  ofFd('fd.name', 'path', 'Path, or client:port->server:port', fdName),
  ofFd('fd.nameraw', 'path', 'Path as passed to the call', (fd) => fd.nameRaw ?? (fdName(fd) || undefined)),
  ofFd('fd.type', 'string', 'file, directory, ipv4, ipv6, unix, pipe …', (fd) => fdTypeName(fd.typechar)),
  define(
    'fd.types',
    'string',
    'Types of all descriptors of the process; [n] of one descriptor',
    (e, argument) => {
      if (argument === '') return openTypes(e);
      const fd = e.thread?.fds.get(Number(argument));
      return fd ? fdTypeName(fd.typechar) : undefined;
    },
    { argument: { form: 'index', required: false }, cardinality: 'list' },
  ),
  ofFd('fd.typechar', 'string', 'One-letter type', (fd) => fd.typechar),
  ofFd('fd.directory', 'path', 'Path up to the last slash', (fd) =>
    isFile(fd) ? directoryOf(fd.name) : undefined,
  ),
  ofFd('fd.filename', 'string', 'Path after the last slash', (fd) =>
    isFile(fd) ? filenameOf(fd.name) : undefined,
  ),
  ofTuple('fd.ip', 'ip', 'Either address of the connection', bothIps, { cardinality: 'pair' }),
  ofTuple('fd.cip', 'ip', 'Client address', client),
  ofTuple('fd.sip', 'ip', 'Server address', server),
  ofTuple('fd.lip', 'ip', 'Local address', local),
  ofTuple('fd.rip', 'ip', 'Remote address', remote),
  ofTuple('fd.port', 'port', 'Either port of the connection', bothPorts, { cardinality: 'pair' }),
  ofTuple('fd.cport', 'port', 'Client port', clientPort),
  ofTuple('fd.sport', 'port', 'Server port', (t) => t.serverPort),
  ofTuple('fd.lport', 'port', 'Local port', localPort),
  ofTuple('fd.rport', 'port', 'Remote port', remotePort),
  ofTuple('fd.net', 'net', 'Either address lies in the network', bothIps, {
    cardinality: 'pair',
    storedAs: 'fd.ip',
  }),
  ofTuple('fd.cnet', 'net', 'Client address lies in the network', client, { storedAs: 'fd.cip' }),
  ofTuple('fd.snet', 'net', 'Server address lies in the network', server, { storedAs: 'fd.sip' }),
  ofTuple('fd.lnet', 'net', 'Local address lies in the network', local, { storedAs: 'fd.lip' }),
  ofTuple('fd.rnet', 'net', 'Remote address lies in the network', remote, { storedAs: 'fd.rip' }),
  ofTuple('fd.l4proto', 'string', 'tcp, udp, icmp, raw or na', (t) => t.l4),
  ofFd('fd.sockfamily', 'string', 'ip or unix', (fd) =>
    isSocket(fd) ? 'ip' : fd.typechar === 'u' ? 'unix' : undefined,
  ),
  ofFd('fd.is_server', 'bool', 'The process is the server side', (fd) => fd.tuple?.role === 'server'),
  define('fd.connected', 'bool', 'The socket has a peer', (e) =>
    e.fd && isSocket(e.fd) ? e.fd.tuple !== undefined && e.fd.tuple.clientIp !== '' : undefined,
  ),
  define('fd.name_changed', 'bool', 'This event gave the socket its addresses', (e) =>
    e.fd ? e.type === 'connect' && e.fd.tuple !== undefined : undefined,
  ),
  define('fd.uid', 'string', 'Process and descriptor number', (e) =>
    e.thread && e.fdNum !== undefined ? `${e.thread.tid}${e.fdNum}` : undefined,
  ),
  ofFd(
    'fd.is_upper_layer',
    'bool',
    'The file is not part of the image',
    (fd) => (fd.openFlags & UPPER_LAYER) !== 0,
  ),
  ofFd(
    'fd.is_lower_layer',
    'bool',
    'The file is part of the image',
    (fd) => (fd.openFlags & LOWER_LAYER) !== 0,
  ),
  unresolved('fd.cip.name'),
  unresolved('fd.sip.name'),
  unresolved('fd.lip.name'),
  unresolved('fd.rip.name'),
];
