import { addressText } from './fd-state.ts';
import { printable } from './path.ts';
import { AF_INET, AF_INET6, AF_UNIX, readAddress, readTuple } from './socket-address.ts';
import { decodeCString } from './texts.ts';

/** Text of a socket address parameter. */
export function addressParamText(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'NULL';
  const family = bytes[0] ?? 0;
  if (family === AF_UNIX) return printable(decodeCString(bytes, 1, bytes.length));
  const address = readAddress(bytes);
  if (address !== undefined) return `${addressText(address.ip)}:${address.port}`;
  return family === AF_INET ? 'INVALID IPv4' : family === AF_INET6 ? 'INVALID IPv6' : `family ${family}`;
}

/** Text of a socket tuple parameter. */
export function tupleParamText(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'NULL';
  const family = bytes[0] ?? 0;
  if (family === AF_UNIX && bytes.length > 16) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const source = view.getBigUint64(1, true).toString(16);
    const dest = view.getBigUint64(9, true).toString(16);
    return `${source}->${dest} ${printable(decodeCString(bytes, 17, bytes.length))}`;
  }
  const ends = readTuple(bytes);
  if (ends !== undefined) {
    return `${addressText(ends.sourceIp)}:${ends.sourcePort}->${addressText(ends.destIp)}:${ends.destPort}`;
  }
  return family === AF_INET ? 'INVALID IPv4' : family === AF_INET6 ? 'INVALID IPv6' : `family ${family}`;
}
