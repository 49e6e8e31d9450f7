import type { ByteCursor } from './byte-cursor.ts';
import type { ThreadTable } from './thread-table.ts';

/** Reads a user and group block; from version 2 on every entry carries its length, itself included. */
export function readUserList(cursor: ByteCursor, version: 1 | 2, table: ThreadTable): void {
  while (cursor.left >= 4) {
    let outer = -1;
    if (version === 2) {
      const length = cursor.u32();
      if (length < 4) cursor.fail(`user entry of ${length} bytes`, cursor.at - 4);
      outer = cursor.enter(length - 4);
    }
    const kind = cursor.u8();
    if (kind === 0) {
      const uid = cursor.u32();
      const gid = cursor.u32();
      table.addUser({ uid, gid, name: cursor.text(), home: cursor.text(), shell: cursor.text() });
    } else if (kind === 1) table.addGroup(cursor.u32(), cursor.text());
    else cursor.fail(`user entry of unknown kind ${kind}`);
    if (outer >= 0) cursor.leave(outer);
  }
}
