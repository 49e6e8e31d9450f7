import type { FdInfo } from '../events/syscall.ts';
import { ipv4Text } from './ip.ts';

type Tuple = NonNullable<FdInfo['tuple']>;

/** Descriptor types of the capture format. Source: libscap scap_fd_type. */
export const FD = {
  unknown: 0,
  file: 1,
  directory: 2,
  ipv4: 3,
  ipv6: 4,
  ipv4Server: 5,
  ipv6Server: 6,
  fifo: 7,
  unix: 8,
  event: 9,
  unsupported: 10,
  signal: 11,
  eventpoll: 12,
  inotify: 13,
  timer: 14,
  netlink: 15,
  fileV2: 16,
  bpf: 17,
  userfault: 18,
  ioUring: 19,
  memfd: 20,
  pidfd: 21,
} as const;

const TYPECHARS = 'ofd4646pueXslitnfburmP';

const TYPE_NAMES = [
  '<NA>',
  'file',
  'directory',
  'ipv4',
  'ipv6',
  'ipv4',
  'ipv6',
  'pipe',
  'unix',
  'event',
  '<NA>',
  'signalfd',
  'eventpoll',
  'inotify',
  'timerfd',
  'netlink',
  'file',
  'bpf',
  'userfaultfd',
  'io_uring',
  'memfd',
  'pidfd',
];

/** Layer 4 protocols of the capture format. */
export const L4 = { unknown: 0, na: 1, tcp: 2, udp: 3, icmp: 4, raw: 5 } as const;
const L4_NAMES: readonly Tuple['l4'][] = ['na', 'na', 'tcp', 'udp', 'icmp', 'raw'];

export const ROLE_NONE = 0;
export const ROLE_CLIENT = 1;
export const ROLE_SERVER = 2;

/** An address: IPv4 as a number in memory order, IPv6 as canonical text. */
export type Address = number | string;

export function addressText(address: Address): string {
  return typeof address === 'number' ? ipv4Text(address) : address;
}

/** One open descriptor. */
export class FdState implements FdInfo {
  type: number;
  nameRaw: string | undefined = undefined;
  openFlags = 0;
  ino = 0n;
  dev = 0;
  l4: number = L4.unknown;
  /** Client side of a connection, server side or the address of a bound socket. */
  sourceIp: Address = 0;
  sourcePort = 0;
  destIp: Address = 0;
  destPort = 0;
  role = ROLE_NONE;
  connected = false;
  /** A close has begun and not ended; creating the same number meanwhile cancels it. */
  closing = false;
  closeCanceled = false;
  /** The event at hand gave it another name. */
  renamed = false;
  #name: string;
  /** The name is the tuple's text and not written out yet. */
  #nameStale = false;
  #tuple: Tuple | undefined = undefined;

  constructor(type: number, name: string) {
    this.type = type;
    this.#name = name;
  }

  get typechar(): string {
    return TYPECHARS[this.type] ?? '?';
  }

  get typeName(): string {
    return TYPE_NAMES[this.type] ?? '<NA>';
  }

  get hasRole(): boolean {
    return this.isListening || this.role !== ROLE_NONE;
  }

  get isFile(): boolean {
    return this.type === FD.file || this.type === FD.fileV2;
  }

  get isConnection(): boolean {
    return this.type === FD.ipv4 || this.type === FD.ipv6;
  }

  get isListening(): boolean {
    return this.type === FD.ipv4Server || this.type === FD.ipv6Server;
  }

  get name(): string {
    if (this.#nameStale) {
      this.#name = this.#tupleText();
      this.#nameStale = false;
    }
    return this.#name;
  }

  set name(text: string) {
    this.#name = text;
    this.#nameStale = false;
  }

  /** Names the socket after its addresses. */
  nameByTuple(): void {
    this.#nameStale = true;
    this.#tuple = undefined;
  }

  /** Addresses change without the name: it is written out before they do. */
  beforeChange(): void {
    void this.name;
    this.#tuple = undefined;
  }

  #tupleText(): string {
    const server = `${addressText(this.destIp)}:${this.destPort}`;
    return this.isListening ? server : `${addressText(this.sourceIp)}:${this.sourcePort}->${server}`;
  }

  /** Protocol as fields show it: a connection without a role has none. */
  get l4Name(): Tuple['l4'] {
    if (this.isListening) return L4_NAMES[this.l4] ?? 'na';
    if (!this.isConnection) return 'na';
    if (this.l4 === L4.raw) return 'raw';
    return this.role === ROLE_NONE ? 'na' : (L4_NAMES[this.l4] ?? 'na');
  }

  get tuple(): Tuple | undefined {
    if (!this.isConnection && !this.isListening) return undefined;
    this.#tuple ??= {
      l4: this.l4Name,
      clientIp: this.isListening ? '' : addressText(this.sourceIp),
      clientPort: this.sourcePort,
      serverIp: addressText(this.destIp),
      serverPort: this.destPort,
      role: this.role === ROLE_CLIENT ? 'client' : 'server',
    };
    return this.#tuple;
  }

  swapEnds(): void {
    this.beforeChange();
    [this.sourceIp, this.destIp] = [this.destIp, this.sourceIp];
    [this.sourcePort, this.destPort] = [this.destPort, this.sourcePort];
  }

  setRole(role: number): void {
    this.role = role;
    this.#tuple = undefined;
  }

  /** A copy for a duplicate or a child process. */
  clone(): FdState {
    const copy = new FdState(this.type, this.name);
    copy.nameRaw = this.nameRaw;
    copy.openFlags = this.openFlags;
    copy.ino = this.ino;
    copy.dev = this.dev;
    copy.l4 = this.l4;
    copy.sourceIp = this.sourceIp;
    copy.sourcePort = this.sourcePort;
    copy.destIp = this.destIp;
    copy.destPort = this.destPort;
    copy.role = this.role;
    copy.connected = this.connected;
    copy.closing = this.closing;
    copy.closeCanceled = this.closeCanceled;
    return copy;
  }
}
