import { join } from 'node:path';
import { z } from 'zod';
import type { Freezer, Frozen } from './freezer.ts';
import { readList, writeList } from './stored-list.ts';

const entrySchema = z.object({
  id: z.uuid(),
  untilMs: z.number(),
  frozen: z.object({
    cgroups: z.array(z.string()),
    moved: z.array(z.object({ pid: z.number(), startTicks: z.number(), from: z.string() })),
  }),
});
type Entry = z.infer<typeof entrySchema>;

const RETRY_MS = 10_000;
/** Longest delay of a timer. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Freezes in force, on disk; each ends by itself at its time, also after a restart of the agent. */
export class FreezeStore {
  readonly #path: string;
  readonly #freezer: Freezer;
  readonly #log: (line: string) => void;
  readonly #entries = new Map<string, Entry>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(dir: string, freezer: Freezer, log: (line: string) => void) {
    this.#path = join(dir, 'freezes.json');
    this.#freezer = freezer;
    this.#log = log;
    for (const entry of readList(this.#path, entrySchema)) {
      this.#entries.set(entry.id, entry);
      this.#arm(entry);
    }
  }

  /** Remembers a freeze before or after it is made; a second call replaces the first. */
  put(id: string, frozen: Frozen, untilMs: number): void {
    const entry: Entry = {
      id,
      untilMs,
      frozen: { cgroups: [...frozen.cgroups], moved: frozen.moved.map((one) => ({ ...one })) },
    };
    this.#entries.set(id, entry);
    this.#write();
    this.#arm(entry);
  }

  /** Thaws a freeze. False when it is not in force. Errors: CommandError when it cannot be thawed. */
  async thaw(id: string): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    await this.#freezer.thaw(entry.frozen);
    this.forget(id);
    return true;
  }

  forget(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    if (this.#entries.delete(id)) this.#write();
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #arm(entry: Entry, delayMs = entry.untilMs - Date.now()): void {
    clearTimeout(this.#timers.get(entry.id));
    const end = () =>
      this.thaw(entry.id).then(
        () => this.#log(`freeze ${entry.id} ended: its time is over`),
        (err: unknown) => {
          this.#log(`freeze ${entry.id} cannot be thawed: ${String(err)}; tried again`);
          this.#arm(entry, RETRY_MS);
        },
      );
    const timer = setTimeout(() => void end(), Math.min(TIMER_MS_MAX, Math.max(0, delayMs)));
    timer.unref();
    this.#timers.set(entry.id, timer);
  }

  #write(): void {
    writeList(this.#path, this.#entries.values());
  }
}
