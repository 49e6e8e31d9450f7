import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { z } from 'zod';

/**
 * How far a log has been read. Inode numbers are reused and copies have new ones, so a file is known again
 * by the hash of its first bytes as well.
 */
export const logPositionSchema = z.object({
  ino: z.string(),
  offset: z.number().int().min(0),
  headBytes: z.number().int().min(0),
  head: z.string(),
  /** mtime when it was last read: rotated files that are newer come after this one. */
  mtimeMs: z.number(),
});
export type LogPosition = z.infer<typeof logPositionSchema>;

export type OpenLog = {
  readonly path: string;
  readonly fd: number;
  readonly ino: string;
  readonly size: number;
  readonly mtimeMs: number;
};

/** An audit event's first 256 bytes hold its auditID, so two logs never begin alike. */
const HEAD_BYTES = 256;

/** Opens a regular file for reading; undefined when it is not there, or not ours to read. */
export function openLog(path: string): OpenLog | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined;
  }
  const stat = fstatSync(fd, { bigint: true });
  if (stat.isFile()) {
    return { path, fd, ino: String(stat.ino), size: Number(stat.size), mtimeMs: mtimeOf(stat) };
  }
  closeSync(fd);
  return undefined;
}

/** Milliseconds with their fraction: two rotations can fall into one millisecond. */
export function mtimeOf({ mtimeNs }: { readonly mtimeNs: bigint }): number {
  return Number(mtimeNs / 1_000n) / 1_000;
}

export function readHead(fd: number, length: number): { headBytes: number; head: string } {
  const bytes = Buffer.alloc(Math.min(length, HEAD_BYTES));
  const headBytes = bytes.length === 0 ? 0 : readSync(fd, bytes, 0, bytes.length, 0);
  return { headBytes, head: createHash('sha256').update(bytes.subarray(0, headBytes)).digest('hex') };
}

/** Whether the file still holds, at its beginning, what the position was taken from. */
export function isSameLog(fd: number, size: number, position: LogPosition): boolean {
  if (size < position.offset) return false;
  return readHead(fd, position.headBytes).head === position.head;
}

/**
 * The file that holds what follows the position: the log itself, the file it was renamed to, or the copy
 * that copytruncate made. Undefined when it is gone.
 */
export function findContinuation(logPath: string, position: LogPosition): OpenLog | undefined {
  let copy: OpenLog | undefined;
  for (const path of [logPath, ...rotatedPaths(logPath)]) {
    const log = openLog(path);
    if (log === undefined) continue;
    if (!isSameLog(log.fd, log.size, position)) {
      closeSync(log.fd);
    } else if (log.ino === position.ino) {
      if (copy !== undefined) closeSync(copy.fd);
      return log;
    } else if (copy === undefined && position.headBytes > 0) {
      copy = log;
    } else {
      closeSync(log.fd);
    }
  }
  return copy;
}

/** The oldest rotated file that was written after `finished`, else the log itself. */
export function findSuccessor(
  logPath: string,
  finished: { ino: string; mtimeMs: number },
): OpenLog | undefined {
  const current = openLog(logPath);
  let next = current;
  for (const path of rotatedPaths(logPath)) {
    const log = openLog(path);
    if (log === undefined) continue;
    const isBetween = log.ino !== finished.ino && log.mtimeMs > finished.mtimeMs && log.ino !== current?.ino;
    const isOlder = next === current || log.mtimeMs < (next?.mtimeMs ?? Number.POSITIVE_INFINITY);
    if (isBetween && isOlder) {
      if (next !== undefined && next !== current) closeSync(next.fd);
      next = log;
    } else {
      closeSync(log.fd);
    }
  }
  if (current !== undefined && next !== current) closeSync(current.fd);
  return next;
}

/** `audit-<time>.log` of the API server, `audit.log.1` of logrotate; compressed ones cannot be followed. */
function rotatedPaths(logPath: string): string[] {
  const name = basename(logPath);
  const extension = extname(name);
  const stem = `${basename(name, extension)}-`;
  try {
    return readdirSync(dirname(logPath))
      .filter(
        (other) => other.startsWith(`${name}.`) || (other.startsWith(stem) && other.endsWith(extension)),
      )
      .filter((other) => !/\.(gz|zst|xz|bz2)$/.test(other))
      .map((other) => join(dirname(logPath), other));
  } catch {
    return [];
  }
}
