import * as block from './block-types.ts';
import type { ByteCursor } from './byte-cursor.ts';
import { readFdList } from './fd-list.ts';
import { readProcessList } from './process-list.ts';
import type { ThreadTable } from './thread-table.ts';
import { readUserList } from './user-list.ts';

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const SWAPPED_MAGIC = 0x4d3c2b1a;

/** Reads a section header that begins at `at` of the cursor's bytes. Errors: CaptureError for other formats. */
export function readSection(cursor: ByteCursor, at: number): void {
  const magic = cursor.u32();
  if (magic === SWAPPED_MAGIC) cursor.fail('captures of big-endian machines are not supported', at);
  if (magic !== BYTE_ORDER_MAGIC) cursor.fail('not a capture: wrong magic number', at);
  const major = cursor.u16();
  const minor = cursor.u16();
  if (major !== 1) cursor.fail(`format version ${major}.${minor} is not supported`, at);
}

/** Reads a block that tells what was there when the capture began; blocks of unknown types are skipped. */
export function readStartState(type: number, cursor: ByteCursor, table: ThreadTable): void {
  const version = block.PROCESS_LIST_VERSIONS.get(type);
  if (version !== undefined) readProcessList(cursor, version, table);
  else if (type === block.FD_LIST) readFdList(cursor, 1, table);
  else if (type === block.FD_LIST_V2) readFdList(cursor, 2, table);
  else if (type === block.INTERFACES) table.interfaces.read(cursor, 1);
  else if (type === block.INTERFACES_V2) table.interfaces.read(cursor, 2);
  else if (type === block.USERS) readUserList(cursor, 1, table);
  else if (type === block.USERS_V2) readUserList(cursor, 2, table);
  else if (type === block.MACHINE_INFO) {
    cursor.skip(4 + 8 + 8 + 128);
    table.bootTimeNs = cursor.u64();
  }
}
