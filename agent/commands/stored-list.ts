import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { writeFileDurably } from '../spool/epoch.ts';

/** The entries of a file that `writeList` wrote; none at the first start. Errors: throws when they cannot be read or do not fit. */
export function readList<T extends z.ZodType>(path: string, entry: T): z.infer<T>[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (err) {
    if (err instanceof Error && 'code' in err && err.code === 'ENOENT') return [];
    throw err;
  }
  return z.array(entry).parse(JSON.parse(text));
}

/** Stores the entries so that they survive a crash. */
export function writeList(path: string, entries: Iterable<unknown>): void {
  writeFileDurably(path, JSON.stringify([...entries]));
}
