import type { ByteCursor } from './byte-cursor.ts';
import { FD, FdState, ROLE_CLIENT, ROLE_SERVER } from './fd-state.ts';
import { ipv6Text, isMapped } from './ip.ts';
import type { ThreadTable } from './thread-table.ts';

/** Reads the descriptors of one thread; from version 2 on every entry carries its length, itself included. */
export function readFdList(cursor: ByteCursor, version: 1 | 2, table: ThreadTable): void {
  const thread = table.get(cursor.i64());
  while (cursor.left >= 4) {
    let outer = -1;
    if (version === 2) {
      const length = cursor.u32();
      if (length < 4) cursor.fail(`descriptor entry of ${length} bytes`, cursor.at - 4);
      outer = cursor.enter(length - 4);
    }
    const number = cursor.i64();
    const ino = cursor.u64();
    const type = cursor.u8();
    const fd = new FdState(type, '');
    fd.ino = ino;
    readInfo(cursor, fd, version);
    if (fd.isListening) table.serverPorts.add(fd.destPort);
    if (fd.isConnection) fd.nameByTuple();
    if (outer >= 0) cursor.leave(outer);
    if (thread !== undefined && table.countFd(thread, fd)) thread.ownFds.set(number, fd);
  }
}

function readInfo(cursor: ByteCursor, fd: FdState, version: 1 | 2): void {
  switch (fd.type) {
    case FD.ipv4:
      fd.sourceIp = cursor.u32();
      fd.destIp = cursor.u32();
      fd.sourcePort = cursor.u16();
      fd.destPort = cursor.u16();
      fd.l4 = cursor.u8();
      return;
    case FD.ipv4Server:
      fd.destIp = cursor.u32();
      fd.destPort = cursor.u16();
      fd.l4 = cursor.u8();
      fd.nameByTuple();
      return;
    case FD.ipv6:
      readIpv6(cursor, fd);
      return;
    case FD.ipv6Server:
      fd.destIp = ipv6Text(cursor.bytes(16), 0);
      fd.destPort = cursor.u16();
      fd.l4 = cursor.u8();
      fd.nameByTuple();
      return;
    case FD.unix:
      cursor.skip(16);
      fd.name = cursor.text();
      // One who bound the path serves; the others have connected.
      fd.setRole(fd.name === '' ? ROLE_CLIENT : ROLE_SERVER);
      return;
    case FD.fileV2:
      fd.openFlags = cursor.u32();
      fd.name = cursor.text();
      if (version === 2 && cursor.left >= 4) fd.dev = cursor.u32();
      return;
    default:
      fd.name = cursor.text();
  }
}

function readIpv6(cursor: ByteCursor, fd: FdState): void {
  const source = cursor.bytes(16);
  const dest = cursor.bytes(16);
  fd.sourcePort = cursor.u16();
  fd.destPort = cursor.u16();
  fd.l4 = cursor.u8();
  if (isMapped(source, 0) && isMapped(dest, 0)) {
    fd.type = FD.ipv4;
    fd.sourceIp = mapped(source);
    fd.destIp = mapped(dest);
  } else {
    fd.sourceIp = ipv6Text(source, 0);
    fd.destIp = ipv6Text(dest, 0);
  }
}

function mapped(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(12, true);
}

/** Decides the role of every TCP connection that was open when the capture began. */
export function settleRoles(table: ThreadTable): void {
  for (const thread of table.values()) {
    for (const fd of thread.ownFds.values()) {
      table.interfaces.complete(fd);
      if (fd.type !== FD.ipv4) continue;
      if (table.serverPorts.has(fd.sourcePort)) {
        fd.swapEnds();
        fd.setRole(ROLE_SERVER);
        fd.nameByTuple();
      } else fd.setRole(ROLE_CLIENT);
    }
  }
}
