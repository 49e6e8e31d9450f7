import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readlink } from 'node:fs/promises';
import { z } from 'zod';

/** What a file is; two equal ones mean that nothing changed. */
export const fingerprintSchema = z.object({
  kind: z.enum(['file', 'link', 'other']),
  /** SHA-256 of the content, of a link its target; absent where the file may not be read or is too large. */
  hash: z.string().length(64).optional(),
  mode: z.number().int(),
  uid: z.number().int(),
  gid: z.number().int(),
  size: z.number(),
  mtimeNs: z.string(),
  /** Set by the kernel with every change, also one of the times. */
  ctimeNs: z.string(),
  ino: z.string(),
  dev: z.number(),
});
export type Fingerprint = z.infer<typeof fingerprintSchema>;

/** Binaries are smaller; a larger file is told by size and times. */
const HASH_BYTES_MAX = 256 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Reads what a path is now; `known` saves the reading of content when the kernel's change time is the same.
 * Errors: undefined when nothing is there; other errors of lstat reject.
 */
export async function fingerprint(path: string, known?: Fingerprint): Promise<Fingerprint | undefined> {
  const stat = await lstat(path, { bigint: true }).catch((err: NodeJS.ErrnoException) => {
    if (err.code === 'ENOENT' || err.code === 'ENOTDIR') return undefined;
    throw err;
  });
  if (stat === undefined) return undefined;
  const common = {
    mode: Number(stat.mode & 0o7777n),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: Number(stat.size),
    mtimeNs: String(stat.mtimeNs),
    ctimeNs: String(stat.ctimeNs),
    ino: String(stat.ino),
    dev: Number(stat.dev),
  };
  const isSame =
    known?.ctimeNs === common.ctimeNs &&
    known.ino === common.ino &&
    known.dev === common.dev &&
    known.size === common.size;
  if (isSame) return known;
  if (stat.isSymbolicLink()) {
    const target = await readlink(path).catch(() => '');
    return { kind: 'link', hash: createHash('sha256').update(target).digest('hex'), ...common };
  }
  if (!stat.isFile()) return { kind: 'other', ...common };
  const hash = common.size > HASH_BYTES_MAX ? undefined : await hashOf(path);
  return { kind: 'file', ...(hash === undefined ? {} : { hash }), ...common };
}

/** Undefined when the file may not be read. The path is not followed if it has become a link meanwhile. */
async function hashOf(path: string): Promise<string | undefined> {
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let done = 0; done <= HASH_BYTES_MAX; ) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, done);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(chunk.subarray(0, bytesRead));
      done += bytesRead;
    }
    return undefined;
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

export type Change = 'created' | 'modified' | 'deleted' | 'attributes';

/**
 * How two looks at a path differ; undefined when they do not. A new time alone is no change, unless the
 * content could not be read either time: then nothing else would tell that it changed.
 */
export function changeOf(
  before: Fingerprint | undefined,
  after: Fingerprint | undefined,
): Change | undefined {
  if (before === undefined) return after === undefined ? undefined : 'created';
  if (after === undefined) return 'deleted';
  const isHashed = before.hash !== undefined && after.hash !== undefined;
  const isOther = before.kind !== after.kind || (isHashed && before.hash !== after.hash);
  if (isOther || before.size !== after.size) return 'modified';
  if (!isHashed && before.mtimeNs !== after.mtimeNs) return 'modified';
  if (before.mode !== after.mode || before.uid !== after.uid || before.gid !== after.gid) return 'attributes';
  const isUnread = before.kind === 'file' && before.hash === undefined && after.hash === undefined;
  return isUnread && before.ctimeNs !== after.ctimeNs ? 'modified' : undefined;
}
