import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type CommandReport, commandReportSchema } from '../../core/wire/commands.ts';
import { readList, writeList } from './stored-list.ts';

const entrySchema = z.object({
  id: z.uuid(),
  /** Absent while it runs. */
  report: commandReportSchema.optional(),
  sent: z.boolean(),
});
type Entry = z.infer<typeof entrySchema>;

/** The server forgets a command's delivery long before this many others have come. */
const ENTRIES_MAX = 256;

/**
 * Which commands were begun, on disk before they begin: one that is delivered again, or was cut off by a
 * restart, never runs a second time. Errors: throws when the directory is not writable.
 */
export class Ledger {
  readonly #path: string;
  readonly #entries = new Map<string, Entry>();

  constructor(dir: string) {
    this.#path = join(dir, 'commands.json');
    for (const entry of readList(this.#path, entrySchema)) {
      const cut = {
        state: 'failed',
        error: 'The agent restarted while it ran; it was not begun again.',
      } as const;
      this.#entries.set(entry.id, entry.report === undefined ? { ...entry, report: cut } : entry);
      if (entry.report === undefined) rmSync(join(dir, entry.id), { recursive: true, force: true });
    }
  }

  /** True for the first call with an id, and only for that one. */
  begin(id: string): boolean {
    if (this.#entries.has(id)) return false;
    this.#entries.set(id, { id, sent: false });
    this.#write();
    return true;
  }

  end(id: string, report: CommandReport): void {
    this.#entries.set(id, { id, report, sent: false });
    this.#write();
  }

  markSent(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.set(id, { ...entry, sent: true });
    this.#write();
  }

  /** Reports of ended commands that the server has not taken yet. */
  unsent(): { readonly id: string; readonly report: CommandReport }[] {
    return [...this.#entries.values()].flatMap(({ id, report, sent }) =>
      report === undefined || sent ? [] : [{ id, report }],
    );
  }

  #write(): void {
    for (const [id, { sent }] of this.#entries) {
      if (this.#entries.size <= ENTRIES_MAX) break;
      if (sent) this.#entries.delete(id);
    }
    writeList(this.#path, this.#entries.values());
  }
}
