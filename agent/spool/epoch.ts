import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const metaSchema = z.object({
  epoch: z.number().int().min(0),
  bootId: z.string(),
  /** What the server had at the last clean stop; saves a resend, nothing depends on it. */
  ackedSeq: z.number().int().min(0).default(0),
  /** Where the spool last dropped items that it has reported as lost. */
  dropped: z.object({ epoch: z.number().int(), seq: z.number().int() }).optional(),
});
export type SpoolMeta = z.infer<typeof metaSchema>;

/** What the spool knows of its own past; undefined for a new or unreadable directory. */
export function readMeta(dir: string): SpoolMeta | undefined {
  try {
    return metaSchema.parse(JSON.parse(readFileSync(join(dir, 'spool.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

export function writeMeta(dir: string, meta: SpoolMeta): void {
  writeFileDurably(join(dir, 'spool.json'), JSON.stringify(meta));
}

/** Replaces a file so that after a crash at any point it holds either the old text or the new one. */
export function writeFileDurably(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.tmp`;
  const fd = openSync(temporary, 'w', 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
  syncDirectory(dirname(path));
}

export function syncDirectory(dir: string): void {
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Changes with every boot of the kernel; empty where /proc does not tell. */
export function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
