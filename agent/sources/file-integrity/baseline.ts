import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { writeFileDurably } from '../../spool/epoch.ts';
import { type Fingerprint, fingerprintSchema } from './fingerprint.ts';

const baselineSchema = z.object({
  version: z.number().int(),
  /** The paths that were watched: what lies under others is new to the list, not new on disk. */
  paths: z.array(z.string()),
  takenMs: z.number(),
  files: z.record(z.string(), fingerprintSchema),
});
/** Stored in the spool with the events of a step; survives a crash before the baseline is written. */
export const stepSchema = z.object({
  version: z.number().int(),
  changed: z.record(z.string(), fingerprintSchema.nullable()),
});
export type Step = z.infer<typeof stepSchema>;

/** Everything known of the watched files, kept in the agent's state directory. */
export class Baseline {
  /** Something differs from the file on disk. */
  isDirty = true;
  readonly #files = new Map<string, Fingerprint>();
  /** When it was last compared with the disk; undefined before the first look. */
  takenMs: number | undefined;
  paths: readonly string[] = [];
  version = 0;
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  get files(): ReadonlyMap<string, Fingerprint> {
    return this.#files;
  }

  set(path: string, print: Fingerprint | undefined): void {
    if (this.#files.get(path) === print) return;
    this.isDirty = true;
    if (print === undefined) this.#files.delete(path);
    else this.#files.set(path, print);
  }

  /**
   * Reads it, and adds the step whose events were stored last.
   * Errors: a text when the file is there and unreadable; the baseline then is empty.
   */
  load(step: unknown): string | undefined {
    let text: string;
    try {
      text = readFileSync(this.#file, 'utf8');
    } catch (err) {
      const isMissing = err instanceof Error && 'code' in err && err.code === 'ENOENT';
      return isMissing ? undefined : `the baseline may not be read: ${String(err)}`;
    }
    const parsed = baselineSchema.safeParse(parse(text));
    if (!parsed.success) return `${this.#file} holds no baseline`;
    const { version, takenMs, paths, files } = parsed.data;
    this.version = version;
    this.takenMs = takenMs;
    this.paths = paths;
    for (const [path, print] of Object.entries(files)) this.#files.set(path, print);
    const last = stepSchema.safeParse(step);
    if (last.success && last.data.version > version) this.apply(last.data);
    return undefined;
  }

  apply(step: Step): void {
    this.version = step.version;
    for (const [path, print] of Object.entries(step.changed)) this.set(path, print ?? undefined);
  }

  /** Writes what is new, if anything is. Errors: throws when the disk refuses. */
  save(takenMs: number): void {
    this.takenMs = takenMs;
    if (!this.isDirty) return;
    const { version, paths } = this;
    const files = Object.fromEntries(this.#files);
    writeFileDurably(this.#file, JSON.stringify({ version, paths, takenMs, files }));
    this.isDirty = false;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
