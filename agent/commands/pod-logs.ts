import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

export const POD_LOGS_DIR = '/var/log/pods';
const TAIL_BYTES_MAX = 1024 * 1024;
const FILES_MAX = 64;

export type LogTail = { readonly name: string; readonly bytes: Buffer };

/**
 * The end of each container's newest log of a pod. Shape: /var/log/pods/NAMESPACE_POD_UID/CONTAINER/N.log.
 * What cannot be read becomes a note.
 */
export function podLogs(
  pod: { readonly namespace: string; readonly name: string; readonly uid: string | null },
  root = POD_LOGS_DIR,
): { readonly tails: readonly LogTail[]; readonly notes: readonly string[] } {
  const tails: LogTail[] = [];
  const notes: string[] = [];
  const prefix = `${pod.namespace}_${pod.name}_${pod.uid ?? ''}`;
  for (const dir of list(root, notes).filter((name) => name.startsWith(prefix))) {
    for (const container of list(join(root, dir), notes)) {
      // The two newest: the one before tells why the container was restarted.
      const files = list(join(root, dir, container), notes)
        .filter((name) => /^\d+\.log$/.test(name))
        .sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10))
        .slice(0, 2);
      for (const file of files) {
        if (tails.length >= FILES_MAX)
          return { tails, notes: [...notes, `More than ${FILES_MAX} logs: the rest is left out.`] };
        const bytes = readTail(join(root, dir, container, file), notes);
        if (bytes !== undefined) tails.push({ name: `${container}/${file}`, bytes });
      }
    }
  }
  if (tails.length === 0 && notes.length === 0) notes.push(`No container log of this pod is under ${root}.`);
  return { tails, notes };
}

function list(dir: string, notes: string[]): string[] {
  try {
    return readdirSync(dir).sort();
  } catch (err) {
    notes.push(`${dir} cannot be read: ${code(err)}.`);
    return [];
  }
}

/** A link could lead anywhere on the node, so none is followed. */
function readTail(path: string, notes: string[]): Buffer | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new Error('it is no regular file');
    const length = Math.min(stat.size, TAIL_BYTES_MAX);
    const bytes = Buffer.alloc(length);
    const got = readSync(fd, bytes, 0, length, stat.size - length);
    if (length < stat.size) notes.push(`${path}: the last ${length} of ${stat.size} bytes.`);
    return bytes.subarray(0, got);
  } catch (err) {
    notes.push(`${path} cannot be read: ${code(err)}.`);
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function code(err: unknown): string {
  if (!(err instanceof Error)) return String(err);
  return 'code' in err && typeof err.code === 'string' ? err.code : err.message;
}
