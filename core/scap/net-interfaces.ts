import type { ByteCursor } from './byte-cursor.ts';
import { FD, type FdState } from './fd-state.ts';
import { ipv4Text, ipv6Text } from './ip.ts';

const LOOPBACK = 0x0100007f;

/** Each is compared with addresses one by one. */
const ADDRESSES_MAX = 1_024;

type Ipv4Interface = { readonly address: number; readonly netmask: number };

/** Addresses of the captured machine. Source: libsinsp ifinfo. */
export class NetInterfaces {
  readonly #ipv4: Ipv4Interface[] = [];
  readonly #ipv6: string[] = [];
  readonly #onLimit: () => void;

  constructor(onLimit: () => void = () => undefined) {
    this.#onLimit = onLimit;
  }

  /** Reads an interface block; from version 2 on every entry carries the length that follows it. */
  read(cursor: ByteCursor, version: 1 | 2): void {
    while (cursor.left >= 4) {
      if (this.#ipv4.length + this.#ipv6.length >= ADDRESSES_MAX) {
        this.#onLimit();
        return;
      }
      const outer = version === 2 ? cursor.enter(cursor.u32()) : -1;
      const type = cursor.u16();
      const nameLength = cursor.u16();
      if (type === 1 || type === 3) {
        this.#ipv4.push({ address: cursor.u32(), netmask: cursor.u32() });
        cursor.skip(4);
      } else if (type === 2 || type === 4) {
        this.#ipv6.push(ipv6Text(cursor.bytes(16), 0));
        cursor.skip(32);
      } else cursor.fail(`interface of unknown type ${type}`);
      if (type <= 2) cursor.skip(8);
      cursor.skip(nameLength);
      if (outer >= 0) cursor.leave(outer);
    }
  }

  isLocal(ip: string): boolean {
    if (ip.includes(':')) {
      const network = networkOf(ip);
      return this.#ipv6.some((own) => networkOf(own) === network);
    }
    return this.#ipv4.some((own) => ipv4Text(own.address) === ip);
  }

  /** Completes a connection one end of which is the wildcard address. */
  complete(fd: FdState): void {
    const none = fd.type === FD.ipv4 ? 0 : '::';
    if ((fd.type !== FD.ipv4 && fd.type !== FD.ipv6) || (fd.sourceIp !== none && fd.destIp !== none)) return;
    const known = fd.sourceIp === none ? fd.destIp : fd.sourceIp;
    const inferred = typeof known === 'number' ? this.#inferIpv4(known) : this.#inferIpv6(known);
    if (inferred === known && fd.sourcePort === fd.destPort) return;
    if (fd.sourceIp === none) fd.sourceIp = inferred;
    else fd.destIp = inferred;
  }

  #inferIpv4(address: number): number {
    const found =
      this.#ipv4.find((own) => own.address === address) ??
      this.#ipv4.find((own) => (own.address & own.netmask) === (address & own.netmask)) ??
      this.#ipv4.find((own) => own.address !== LOOPBACK);
    return found?.address ?? 0;
  }

  #inferIpv6(address: string): string {
    const network = networkOf(address);
    return (
      this.#ipv6.find((own) => own === address) ??
      this.#ipv6.find((own) => networkOf(own) === network) ??
      this.#ipv6.find((own) => own !== '::1') ??
      '::'
    );
  }
}

/** First 64 bits of an IPv6 address, as a key. */
function networkOf(address: string): string {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  if (tail === undefined) return left.slice(0, 4).join(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
