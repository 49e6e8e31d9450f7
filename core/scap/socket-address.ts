import { type Address, FD, type FdState, L4 } from './fd-state.ts';
import { ipv6Text, isMapped } from './ip.ts';

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;

/** Both ends as a tuple parameter gives them, read into one reused object. */
export type Ends = {
  family: number;
  type: number;
  sourceIp: Address;
  sourcePort: number;
  destIp: Address;
  destPort: number;
};

const ends: Ends = { family: 0, type: 0, sourceIp: 0, sourcePort: 0, destIp: 0, destPort: 0 };

/** Reads the ends of an IP tuple; undefined for other families and wrong sizes. Valid until the next call. */
export function readTuple(bytes: Uint8Array): Ends | undefined {
  const view = viewOf(bytes);
  ends.family = bytes[0] ?? 0;
  if (ends.family === AF_INET && bytes.length >= 13) {
    ends.type = FD.ipv4;
    ends.sourceIp = view.getUint32(1, true);
    ends.sourcePort = view.getUint16(5, true);
    ends.destIp = view.getUint32(7, true);
    ends.destPort = view.getUint16(11, true);
    return ends;
  }
  if (ends.family !== AF_INET6 || bytes.length < 37) return undefined;
  ends.sourcePort = view.getUint16(17, true);
  ends.destPort = view.getUint16(35, true);
  if (isMapped(bytes, 1) && isMapped(bytes, 19)) {
    ends.type = FD.ipv4;
    ends.sourceIp = view.getUint32(13, true);
    ends.destIp = view.getUint32(31, true);
  } else {
    ends.type = FD.ipv6;
    ends.sourceIp = ipv6Text(bytes, 1);
    ends.destIp = ipv6Text(bytes, 19);
  }
  return ends;
}

export type Endpoint = { readonly type: number; readonly ip: Address; readonly port: number };

/** Reads an IP socket address; undefined for other families and wrong sizes. */
export function readAddress(bytes: Uint8Array): Endpoint | undefined {
  const view = viewOf(bytes);
  if (bytes[0] === AF_INET && bytes.length >= 7) {
    return { type: FD.ipv4, ip: view.getUint32(1, true), port: view.getUint16(5, true) };
  }
  if (bytes[0] !== AF_INET6 || bytes.length < 19) return undefined;
  const port = view.getUint16(17, true);
  if (isMapped(bytes, 1)) return { type: FD.ipv4, ip: view.getUint32(13, true), port };
  return { type: FD.ipv6, ip: ipv6Text(bytes, 1), port };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

const isNone = (address: Address): boolean => address === 0 || address === '::';

/**
 * Gives a socket the ends of a tuple; false when it has them already, in either order. A known destination
 * stays unless `overwrite`: the kernel may tell it only once.
 */
export function setEnds(fd: FdState, from: Ends, overwrite = false): boolean {
  if (fd.type !== from.type) {
    fd.beforeChange();
    fd.type = from.type;
    // Addresses of the other family are none.
    if (typeof fd.sourceIp !== typeof from.sourceIp)
      fd.sourceIp = typeof from.sourceIp === 'number' ? 0 : '::';
    if (typeof fd.destIp !== typeof from.destIp) fd.destIp = typeof from.destIp === 'number' ? 0 : '::';
  }
  const same =
    from.sourceIp === fd.sourceIp &&
    from.sourcePort === fd.sourcePort &&
    from.destIp === fd.destIp &&
    from.destPort === fd.destPort;
  const swapped =
    from.destIp === fd.sourceIp &&
    from.destPort === fd.sourcePort &&
    from.sourceIp === fd.destIp &&
    from.sourcePort === fd.destPort;
  if (same || swapped) return false;
  fd.beforeChange();
  let changed = fd.sourceIp !== from.sourceIp || fd.sourcePort !== from.sourcePort;
  fd.sourceIp = from.sourceIp;
  fd.sourcePort = from.sourcePort;
  if (isNone(fd.destIp) || (overwrite && fd.destIp !== from.destIp)) {
    fd.destIp = from.destIp;
    changed = true;
  }
  if (fd.destPort === 0 || (overwrite && fd.destPort !== from.destPort)) {
    fd.destPort = from.destPort;
    changed = true;
  }
  return changed;
}

/** Protocol of a new IP socket. Types carry flags above their low byte. */
export function l4Of(type: number, protocol: number): number {
  const raw = type === 3;
  switch (protocol) {
    case 0:
      return (type & 255) === 1 ? L4.tcp : (type & 255) === 2 ? L4.udp : L4.unknown;
    case 1:
      return raw ? L4.raw : L4.icmp;
    case 6:
      return raw ? L4.raw : L4.tcp;
    case 17:
      return raw ? L4.raw : L4.udp;
    case 255:
      return L4.raw;
    default:
      return L4.unknown;
  }
}
