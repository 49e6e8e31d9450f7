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

/** Addresses of a socket: client side of a connection first, the address of a bound one second. */
type Ends = { sourceIp: Address; sourcePort: number; destIp: Address; destPort: number };

// What there are millions of is kept small.
const CONNECTED = 1;
const CLOSING = 2;
const CLOSE_CANCELED = 4;
const RENAMED = 8;
/** The name is the tuple's text and not written out yet. */
const NAME_STALE = 16;

/** One open descriptor. */
export class FdState implements FdInfo {
  type: number;
  nameRaw: string | undefined = undefined;
  openFlags = 0;
  ino = 0n;
  dev = 0;
  l4: number = L4.unknown;
  role = ROLE_NONE;
  #bits = 0;
  #name: string;
  #ends: Ends | undefined = undefined;
  #tuple: Tuple | undefined = undefined;

  constructor(type: number, name: string) {
    this.type = type;
    this.#name = name;
  }

  #has(bit: number): boolean {
    return (this.#bits & bit) !== 0;
  }

  #put(bit: number, on: boolean): void {
    this.#bits = on ? this.#bits | bit : this.#bits & ~bit;
  }

  get connected(): boolean {
    return this.#has(CONNECTED);
  }

  set connected(on: boolean) {
    this.#put(CONNECTED, on);
  }

  /** A close has begun and not ended; creating the same number meanwhile cancels it. */
  get closing(): boolean {
    return this.#has(CLOSING);
  }

  set closing(on: boolean) {
    this.#put(CLOSING, on);
  }

  get closeCanceled(): boolean {
    return this.#has(CLOSE_CANCELED);
  }

  set closeCanceled(on: boolean) {
    this.#put(CLOSE_CANCELED, on);
  }

  /** The event at hand gave it another name. */
  get renamed(): boolean {
    return this.#has(RENAMED);
  }

  set renamed(on: boolean) {
    this.#put(RENAMED, on);
  }

  get sourceIp(): Address {
    return this.#ends?.sourceIp ?? 0;
  }

  set sourceIp(ip: Address) {
    this.#endsToChange().sourceIp = ip;
  }

  get sourcePort(): number {
    return this.#ends?.sourcePort ?? 0;
  }

  set sourcePort(port: number) {
    this.#endsToChange().sourcePort = port;
  }

  get destIp(): Address {
    return this.#ends?.destIp ?? 0;
  }

  set destIp(ip: Address) {
    this.#endsToChange().destIp = ip;
  }

  get destPort(): number {
    return this.#ends?.destPort ?? 0;
  }

  set destPort(port: number) {
    this.#endsToChange().destPort = port;
  }

  #endsToChange(): Ends {
    this.#ends ??= { sourceIp: 0, sourcePort: 0, destIp: 0, destPort: 0 };
    return this.#ends;
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
    if (this.#has(NAME_STALE)) {
      this.#name = this.#tupleText();
      this.#put(NAME_STALE, false);
    }
    return this.#name;
  }

  set name(text: string) {
    this.#name = text;
    this.#put(NAME_STALE, false);
  }

  /** Names the socket after its addresses. */
  nameByTuple(): void {
    this.#put(NAME_STALE, true);
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
    copy.role = this.role;
    copy.#bits = this.#bits & ~RENAMED;
    if (this.#ends !== undefined) copy.#ends = { ...this.#ends };
    return copy;
  }
}
