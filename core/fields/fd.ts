import type { FdInfo, SyscallEvent } from '../events/syscall.ts';
import { containerId } from './container.ts';
import { directoryOf, fdName, fdType, filenameOf, isSocket } from './fd-text.ts';
import { type FieldDef, type FieldType, syscallFields, type Value } from './types.ts';

const define = syscallFields('fd');
type Tuple = NonNullable<FdInfo['tuple']>;
type Extra = Partial<Pick<FieldDef, 'cardinality' | 'storedAs' | 'argument'>>;
type Side = 'client' | 'server';

function ofFd(
  name: string,
  type: FieldType,
  help: string,
  read: (fd: FdInfo) => Value | undefined,
): FieldDef {
  return define(name, type, help, (e) => (e.fd ? read(e.fd) : undefined));
}

/** Both ends, whoever they are. */
function ofTuple(
  name: string,
  type: FieldType,
  help: string,
  read: (t: Tuple) => Value | undefined,
  extra: Extra = {},
): FieldDef {
  return define(name, type, help, (e) => (e.fd?.tuple ? read(e.fd.tuple) : undefined), extra);
}

/** One end: known only once it is known who is client and who server. */
function ofEnd(
  name: string,
  type: FieldType,
  help: string,
  read: (t: Tuple, e: SyscallEvent) => Value | undefined,
  extra: Extra = {},
): FieldDef {
  return define(
    name,
    type,
    help,
    (e) => {
      const fd = e.fd;
      return fd?.tuple && fd.hasRole !== false ? read(fd.tuple, e) : undefined;
    },
    extra,
  );
}

// A listening socket has no client side: its address is empty.
const client = (t: Tuple): string | undefined => t.clientIp || undefined;
const clientPort = (t: Tuple): number | undefined => (t.clientIp === '' ? undefined : t.clientPort);
const server = (t: Tuple): string | undefined => t.serverIp || undefined;

/** This machine's side: by its addresses where they are known, else by the process's role. */
function localSide(t: Tuple, e: SyscallEvent): Side {
  if (e.isLocalAddress) return e.isLocalAddress(t.clientIp) ? 'client' : 'server';
  return t.role;
}

const flip = (side: Side): Side => (side === 'client' ? 'server' : 'client');
/** Captures tell local and remote apart for connections only. */
const sided = (t: Tuple, e: SyscallEvent): boolean => !(e.isLocalAddress && t.clientIp === '');
const ipOf = (t: Tuple, side: Side): string | undefined => (side === 'client' ? client(t) : server(t));
const portOf = (t: Tuple, side: Side): number | undefined =>
  side === 'client' ? clientPort(t) : t.serverPort;
const local = (t: Tuple, e: SyscallEvent) => (sided(t, e) ? ipOf(t, localSide(t, e)) : undefined);
const remote = (t: Tuple, e: SyscallEvent) => (sided(t, e) ? ipOf(t, flip(localSide(t, e))) : undefined);
const localPort = (t: Tuple, e: SyscallEvent) => (sided(t, e) ? portOf(t, localSide(t, e)) : undefined);
const remotePort = (t: Tuple, e: SyscallEvent) =>
  sided(t, e) ? portOf(t, flip(localSide(t, e))) : undefined;
const text = (n: number | undefined): string | undefined => (n === undefined ? undefined : String(n));

const bothIps = (t: Tuple): readonly string[] =>
  t.clientIp === '' ? [t.serverIp] : [t.clientIp, t.serverIp];
const bothPorts = (t: Tuple): readonly string[] =>
  t.clientIp === '' ? [String(t.serverPort)] : [String(t.clientPort), String(t.serverPort)];

// Open flag bits set by the driver: file lies in an overlay's upper or lower layer.
const UPPER_LAYER = 1 << 15;
const LOWER_LAYER = 1 << 16;

function openTypes(event: SyscallEvent): readonly string[] | undefined {
  if (!event.thread) return undefined;
  return [...new Set([...event.thread.fds.values()].map(fdType))];
}

/** Name of the descriptor; of a failed call the name that it asked for. */
function name(e: SyscallEvent): string | undefined {
  const fd = e.fd;
  if (!fd) return e.unknownFd?.name;
  // A failed connect has not made the name its descriptor's.
  if (e.type === 'connect' && e.parameters && e.dir === '<' && (e.res ?? 0) < 0) {
    return e.parameters.textOf(1);
  }
  return fdName(fd);
}

function directory(e: SyscallEvent): string | undefined {
  const fd = e.fd;
  if (!fd) return e.unknownFd?.name === undefined ? undefined : directoryOfPath(e.unknownFd.name);
  if (fd.typechar === 'd') return e.parameters ? fd.name : directoryOf(fd.name);
  if (fd.typechar !== 'f') return undefined;
  return e.parameters ? directoryOfPath(fd.name) : directoryOf(fd.name);
}

/** As captures are read: without a slash everything lies in the root, and a final slash cuts nothing. */
function directoryOfPath(path: string): string {
  const slash = path.lastIndexOf('/');
  if (slash <= 0) return '/';
  return slash === path.length - 1 ? path : path.slice(0, slash);
}

function filename(e: SyscallEvent): string | undefined {
  const fd = e.fd;
  if (!fd || (fd.typechar !== 'f' && !(fd.typechar === 'd' && !e.parameters))) return undefined;
  if (!e.parameters) return filenameOf(fd.name);
  const slash = fd.name.lastIndexOf('/');
  if (slash < 0) return '/';
  return slash === fd.name.length - 1 ? fd.name : fd.name.slice(slash + 1);
}

function inContainer(e: SyscallEvent, value: string | undefined): string | undefined {
  if (value === undefined || !e.thread) return undefined;
  return `${e.thread.container ? containerId(e.thread) : ''}:${value}`;
}

/** Only names that a rule compares with are resolved, live; several may have one address. */
function domains(name: string, address: (t: Tuple, e: SyscallEvent) => string | undefined): FieldDef {
  const read = (t: Tuple, e: SyscallEvent) => {
    const ip = e.domainNames && address(t, e);
    return ip === undefined ? undefined : e.domainNames?.get(ip);
  };
  const help = 'Domain names that rules ask for and the address has (live only)';
  return ofEnd(name, 'string', help, read, { cardinality: 'pair' });
}

const NAMING_CALLS: ReadonlySet<string> = new Set(['accept', 'accept4', 'bind', 'connect']);
const EINPROGRESS = 115;

/** Whether the event has given the descriptor another name than it had; a new one had none. */
function isRenamed(e: SyscallEvent, fd: FdInfo): boolean {
  if (!e.parameters) return e.fdRenamed ?? (e.type === 'connect' && fd.tuple !== undefined);
  if (e.fdRenamed) return true;
  if (e.dir !== '<' || fd.name === '') return false;
  return (
    e.opening !== undefined || (NAMING_CALLS.has(e.type) && ((e.res ?? 0) >= 0 || e.res === -EINPROGRESS))
  );
}

function deviceMajor(dev: number): number {
  return (dev >>> 8) & 0xfff;
}

export const FD_FIELDS: readonly FieldDef[] = [
  define('fd.num', 'number', 'File descriptor number', (e) => e.fdNum),
  define('fd.name', 'path', 'Path, or client:port->server:port', name),
  ofFd('fd.nameraw', 'path', 'Path as passed to the call', (fd) => fd.nameRaw ?? (fdName(fd) || undefined)),
  ofFd('fd.type', 'string', 'file, directory, ipv4, ipv6, unix, pipe …', fdType),
  define(
    'fd.types',
    'string',
    'Types of all descriptors of the process; [n] of one descriptor',
    (e, argument) => {
      if (argument === '') return openTypes(e);
      const fd = e.thread?.fds.get(Number(argument));
      return fd ? fdType(fd) : undefined;
    },
    { argument: { form: 'index', required: false }, cardinality: 'list' },
  ),
  define('fd.typechar', 'string', 'One-letter type', (e) => e.fd?.typechar ?? e.unknownFd?.typechar),
  define('fd.directory', 'path', 'Path up to the last slash', directory),
  define('fd.filename', 'string', 'Path after the last slash', filename),
  define('fd.containername', 'string', 'Container id and name of the descriptor', (e) =>
    inContainer(e, name(e)),
  ),
  define('fd.containerdirectory', 'string', 'Container id and directory', (e) =>
    inContainer(e, directory(e)),
  ),
  ofTuple('fd.ip', 'ip', 'Either address of the connection', bothIps, { cardinality: 'pair' }),
  ofEnd('fd.cip', 'ip', 'Client address', client),
  ofEnd('fd.sip', 'ip', 'Server address', server),
  ofEnd('fd.lip', 'ip', 'Local address', local),
  ofEnd('fd.rip', 'ip', 'Remote address', remote),
  ofTuple('fd.port', 'port', 'Either port of the connection', bothPorts, { cardinality: 'pair' }),
  define('fd.cport', 'port', 'Client port', (e) => {
    const { fd } = e;
    if (!fd || fd.hasRole === false) return undefined;
    // Captures show 0 for what has a role and no client port: listening and unix sockets.
    return (fd.tuple && clientPort(fd.tuple)) ?? (fd.hasRole ? 0 : undefined);
  }),
  ofEnd('fd.sport', 'port', 'Server port', (t) => t.serverPort),
  ofEnd('fd.lport', 'port', 'Local port', localPort),
  ofEnd('fd.rport', 'port', 'Remote port', remotePort),
  ofTuple('fd.proto', 'port', 'Either port of the connection', bothPorts, {
    cardinality: 'pair',
    storedAs: 'fd.port',
  }),
  define('fd.cproto', 'string', 'Client port as text', (e) => {
    const { fd } = e;
    if (!fd || fd.hasRole === false) return undefined;
    return text(fd.tuple && clientPort(fd.tuple)) ?? (fd.hasRole ? '' : undefined);
  }),
  ofEnd('fd.sproto', 'string', 'Server port as text', (t, e) =>
    // Captures show nothing for the port of a listening socket.
    t.clientIp === '' && e.parameters ? '' : String(t.serverPort),
  ),
  ofEnd('fd.lproto', 'string', 'Local port as text', (t, e) => text(localPort(t, e))),
  ofEnd('fd.rproto', 'string', 'Remote port as text', (t, e) => text(remotePort(t, e))),
  ofTuple('fd.net', 'net', 'Either address lies in the network', bothIps, {
    cardinality: 'pair',
    storedAs: 'fd.ip',
  }),
  ofEnd('fd.cnet', 'net', 'Client address lies in the network', client, { storedAs: 'fd.cip' }),
  ofEnd('fd.snet', 'net', 'Server address lies in the network', server, { storedAs: 'fd.sip' }),
  ofEnd('fd.lnet', 'net', 'Local address lies in the network', local, { storedAs: 'fd.lip' }),
  ofEnd('fd.rnet', 'net', 'Remote address lies in the network', remote, { storedAs: 'fd.rip' }),
  ofFd('fd.l4proto', 'string', 'tcp, udp, icmp, raw or na', (fd) =>
    fd.l4Name === undefined ? fd.tuple?.l4 : fd.l4Name === 'na' ? '<NA>' : fd.l4Name,
  ),
  ofFd('fd.sockfamily', 'string', 'ip or unix', (fd) =>
    isSocket(fd) ? 'ip' : fd.typechar === 'u' && fd.typeName !== 'userfaultfd' ? 'unix' : undefined,
  ),
  define('fd.is_server', 'bool', 'The process is the server side', (e) => {
    const { fd } = e;
    if (!fd || !e.isLocalAddress || !fd.tuple) return fd && fd.tuple?.role === 'server';
    return fd.tuple.clientIp === '' || e.isLocalAddress(fd.tuple.serverIp);
  }),
  define('fd.connected', 'bool', 'The socket has a peer', (e) => {
    if (!e.fd || e.fd.connected !== undefined) return e.fd?.connected;
    return isSocket(e.fd) ? e.fd.tuple !== undefined && e.fd.tuple.clientIp !== '' : undefined;
  }),
  define('fd.name_changed', 'bool', 'This event gave the descriptor its name', (e) =>
    e.fd ? isRenamed(e, e.fd) : undefined,
  ),
  define('fd.uid', 'string', 'Process and descriptor number', (e) =>
    e.thread && e.fdNum !== undefined ? `${e.thread.tid}${e.fdNum}` : undefined,
  ),
  ofFd('fd.dev', 'number', 'Device that holds the file', (fd) => fd.dev),
  ofFd('fd.dev.major', 'number', 'Major device number', (fd) => fd.dev && deviceMajor(fd.dev)),
  ofFd('fd.dev.minor', 'number', 'Minor device number', (fd) =>
    fd.dev === undefined ? undefined : (fd.dev & 0xff) | ((fd.dev >>> 12) & 0xfff00),
  ),
  ofFd('fd.ino', 'number', 'Inode of the file', (fd) => fd.ino),
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
  domains('fd.cip.name', client),
  domains('fd.sip.name', server),
  domains('fd.lip.name', local),
  domains('fd.rip.name', remote),
];
