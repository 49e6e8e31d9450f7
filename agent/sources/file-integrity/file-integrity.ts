import { lstat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { SyscallEvent } from '../../../core/events/syscall.ts';
import type { PreflightItem } from '../../../core/wire/agents.ts';
import { eventLine } from '../../spool/item.ts';
import type { Spool } from '../../spool/spool.ts';
import { Baseline, type Step } from './baseline.ts';
import { EntryWatch } from './entry-watch.ts';
import { changeOf, type Fingerprint, fingerprint } from './fingerprint.ts';
import { type FoundChange, integrityRecord } from './record.ts';
import { DEFAULT_PATHS, FILES_MAX, WatchList } from './watch-list.ts';
import { Witnesses } from './witnesses.ts';

export type FileIntegrityOptions = {
  /** Absolute paths; `auto` stands for the default list. */
  readonly paths: readonly string[];
  /** Where the baseline is kept. */
  readonly baselineFile: string;
  readonly node: string;
  readonly spool: Spool;
  /** Whether the kernel sensor runs: then a change waits a moment for what it saw. */
  readonly hasSensor: () => boolean;
  readonly nowMs: () => number;
  readonly onError: (message: string) => void;
  /** Default 5 min: what inotify did not tell. */
  readonly scanMs?: number;
  /** Default 5 s: new files in directories of which only single files matter. */
  readonly pollMs?: number;
  /** Default 400 ms: editors and package managers write in several steps. */
  readonly settleMs?: number;
};

type Found = Omit<FoundChange, 'attribution'>;

const CHECKPOINT = 'file-integrity';
/** Everything is read again this often, also where no time changed. */
const FULL_MS = 86_400_000;
/** Two events of one path are at least this far apart; what lies between is one change. */
const PATH_PAUSE_MS = 5_000;
/** A container's metadata holds back the sensor's events for 2 s at most. */
const WITNESS_WAIT_MS = 2_200;
/** What the kernel saw is here by then: the probe hands over every 50 ms. Who is asked earlier names the one before. */
const HANDOVER_MS = 250;
const DAY_NS = 86_400_000_000_000n;

/**
 * Compares watched files with a baseline that outlives the agent, and says who changed them as far as the
 * kernel sensor saw it. Events and the baseline's next version are stored in one step, so each change is
 * told once.
 * Errors: never throws after the constructor.
 */
export class FileIntegrity {
  readonly counters = {
    integrity_looks: 0,
    integrity_changes: 0,
    integrity_attributed: 0,
    integrity_faults: 0,
  };
  readonly #options: FileIntegrityOptions;
  readonly #list: WatchList;
  readonly #paths: readonly string[];
  readonly #baseline: Baseline;
  readonly #watch: EntryWatch;
  readonly #witnesses: Witnesses;
  readonly #dirty = new Set<string>();
  /** Changes whose step is in the spool and not yet in the baseline's file. */
  #unsaved: Record<string, Fingerprint | null> = {};
  readonly #toldMs = new Map<string, number>();
  #work: Promise<void> = Promise.resolve();
  #settle: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #fullMs = 0;
  #isCut = false;
  #blind = 0;
  #lastError: string | undefined;
  #isClosed = false;

  /** Errors: throws when a path is not absolute. */
  constructor(options: FileIntegrityOptions) {
    this.#options = options;
    this.#paths = [...new Set(options.paths.flatMap((path) => (path === 'auto' ? DEFAULT_PATHS : [path])))];
    this.#list = new WatchList(this.#paths);
    this.#baseline = new Baseline(options.baselineFile);
    this.#watch = new EntryWatch(
      (path) => this.#touched(path),
      () => this.#later(() => this.#scan(false)),
      options.pollMs ?? 5_000,
    );
    this.#witnesses = new Witnesses(
      (path) => this.#list.matches(path),
      (dir) => this.#watch.covers(dir),
    );
  }

  start(): void {
    const fault = this.#baseline.load(this.#options.spool.checkpoint(CHECKPOINT));
    if (fault !== undefined) this.#fault(`${fault}; a new one is made, changes before now stay unknown`);
    this.#later(() => this.#scan(true));
    this.#timer = setInterval(() => this.#later(() => this.#scan(false)), this.#options.scanMs ?? 300_000);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#settle);
    this.#watch.close();
    await this.#work;
  }

  /** Every event of the sensor passes here. */
  see(event: SyscallEvent): void {
    for (const path of this.#witnesses.see(event)) this.#touched(path);
  }

  /** Resolves when nothing is left to compare. */
  async idle(): Promise<void> {
    await this.#work;
  }

  get health(): PreflightItem {
    const name = 'file_integrity';
    const { files, takenMs } = this.#baseline;
    const unhashed = [...files.values()].filter(
      ({ kind, hash }) => kind === 'file' && hash === undefined,
    ).length;
    const detail = [
      `${files.size} files in ${this.#watch.size} directories`,
      takenMs === undefined ? 'no look yet' : `compared ${new Date(takenMs).toISOString()}`,
      ...(unhashed > 0 ? [`${unhashed} without hash: told by size, owner, mode and times`] : []),
      ...(this.#blind > 0 ? [`${this.#blind} directories may not be listed`] : []),
      ...(this.#watch.unwatched > 0 ? [`${this.#watch.unwatched} directories without inotify`] : []),
      ...(this.#isCut ? [`more than ${FILES_MAX} files: the rest is not watched`] : []),
      ...(this.#lastError === undefined ? [] : [this.#lastError]),
    ].join(', ');
    // Until the first look has ended, changes are compared with nothing.
    if (this.counters.integrity_looks === 0) return { name, state: 'degraded', detail };
    if (takenMs !== undefined && files.size === 0)
      return {
        name,
        state: 'blind',
        detail,
        fix: 'Give paths that exist with --file-integrity, and let the agent read them.',
      };
    if (this.#blind > 0)
      return {
        name,
        state: 'degraded',
        detail,
        fix: 'Run the agent as root or with CAP_DAC_READ_SEARCH to see these directories too.',
      };
    if (this.#isCut)
      return { name, state: 'degraded', detail, fix: 'Name fewer paths with --file-integrity.' };
    if (this.#lastError !== undefined) return { name, state: 'degraded', detail };
    return { name, state: 'ok', detail };
  }

  #later(task: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.#isClosed) return;
      try {
        await task();
        this.#lastError = undefined;
      } catch (err) {
        this.#fault(err instanceof Error ? err.message : String(err));
      }
    });
  }

  #fault(message: string): void {
    this.counters.integrity_faults += 1;
    if (message !== this.#lastError) this.#options.onError(`file integrity: ${message}`);
    this.#lastError = message.slice(0, 300);
  }

  #touched(path: string): void {
    if (!this.#list.matches(path)) return;
    this.#dirty.add(path);
    this.#settle ??= setTimeout(() => {
      this.#settle = undefined;
      this.#later(() => this.#checkDirty());
    }, this.#options.settleMs ?? 400);
  }

  async #checkDirty(): Promise<void> {
    const nowMs = this.#options.nowMs();
    const found: Found[] = [];
    for (const path of [...this.#dirty]) {
      if (nowMs - (this.#toldMs.get(path) ?? 0) < PATH_PAUSE_MS) continue;
      this.#dirty.delete(path);
      // What is written after the look below must be told again, also to a file put in its place.
      this.#watch.follow(path);
      const stat = await lstat(path).catch(() => undefined);
      if (stat?.isDirectory()) this.#later(() => this.#scan(false));
      else found.push(...(await this.#check(path, undefined, false)));
    }
    await this.#tell(found);
    if (this.#dirty.size > 0 && !this.#isClosed) {
      this.#settle ??= setTimeout(() => {
        this.#settle = undefined;
        this.#later(() => this.#checkDirty());
      }, PATH_PAUSE_MS);
    }
  }

  async #scan(isFirst: boolean): Promise<void> {
    const nowMs = this.#options.nowMs();
    const { files, paths: formerPaths } = this.#baseline;
    const isFull = nowMs - this.#fullMs >= FULL_MS;
    const expansion = await this.#list.expand();
    const { files: there, isCut, unlistable } = expansion;
    this.#isCut = isCut;
    this.#blind = unlistable;
    this.#watch.set(expansion);
    const former = new WatchList(formerPaths);
    const all = new Set([...files.keys(), ...there]);
    const found: Found[] = [];
    for (const path of all) {
      if (this.#isClosed) return;
      if (!this.#list.matches(path)) this.#baseline.set(path, undefined);
      else if (files.has(path) || former.matches(path)) {
        found.push(...(await this.#check(path, isFull ? 'full' : undefined, isFirst)));
      } else {
        this.#baseline.set(path, await fingerprint(path).catch(() => undefined));
      }
    }
    if (isFull) this.#fullMs = nowMs;
    this.counters.integrity_looks += 1;
    this.#baseline.paths = this.#paths;
    await this.#tell(found);
    this.#baseline.save(nowMs);
  }

  /** Shape: no or one change. Times that moved alone are kept without an event. */
  async #check(path: string, how: 'full' | undefined, whileDown: boolean): Promise<Found[]> {
    const before = this.#baseline.files.get(path);
    let after: Fingerprint | undefined;
    try {
      after = await fingerprint(path, how === 'full' ? undefined : before);
    } catch {
      // Not ours to look at any more: nothing is known, so nothing is said to have changed.
      return [];
    }
    const change = changeOf(before, after);
    if (change !== undefined)
      return [{ path, change, before, after, whileDown, timeNs: this.#timeOf(after) }];
    this.#baseline.set(path, after);
    return [];
  }

  /** The kernel's own time of the change where it lies after the last look; a deletion leaves none. */
  #timeOf(after: Fingerprint | undefined): bigint {
    const nowNs = this.#nowNs();
    const lookedNs = BigInt(Math.trunc(this.#baseline.takenMs ?? 0)) * 1_000_000n;
    const at = after === undefined ? nowNs : BigInt(after.ctimeNs);
    return at <= nowNs && at > lookedNs && at > nowNs - DAY_NS ? at : nowNs;
  }

  async #tell(found: readonly Found[]): Promise<void> {
    if (found.length === 0) return;
    const hasSensor = this.#options.hasSensor();
    if (hasSensor) await this.#handedOver(found);
    let told = found.map((change) => this.#attributed(change));
    if (hasSensor && told.some(({ attribution, whileDown }) => attribution?.by !== 'file' && !whileDown)) {
      await wait(WITNESS_WAIT_MS);
      told = found.map((change) => this.#attributed(change));
    }
    const { spool, node, nowMs } = this.#options;
    const changed = { ...this.#unsaved };
    for (const { path, after } of found) changed[path] = after ?? null;
    const step: Step = { version: this.#baseline.version + 1, changed };
    const lines = told.map((change) => eventLine(integrityRecord(change, node)));
    if (!spool.appendWithCheckpoint(lines, CHECKPOINT, step)) throw new Error('the spool refuses events');
    this.#unsaved = changed;
    this.#baseline.apply(step);
    this.counters.integrity_changes += told.length;
    this.counters.integrity_attributed += told.filter(({ attribution }) => attribution !== undefined).length;
    for (const { path } of found) this.#remember(path);
    this.#baseline.save(nowMs());
    this.#unsaved = {};
  }

  /** Waits until the sensor has told all that it saw before these changes. */
  async #handedOver(found: readonly Found[]): Promise<void> {
    const changedMs = Math.max(
      ...found.map(({ whileDown, timeNs }) => (whileDown ? 0 : Number(timeNs / 1_000_000n))),
    );
    const waitMs = Math.min(HANDOVER_MS, changedMs + HANDOVER_MS - this.#options.nowMs());
    if (waitMs > 0) await wait(waitMs);
  }

  #attributed(found: Found): FoundChange {
    const prints = [found.after, found.before];
    const attribution = found.whileDown ? undefined : this.#witnesses.find(found.path, prints, found.timeNs);
    return { ...found, attribution };
  }

  #remember(path: string): void {
    this.#toldMs.delete(path);
    this.#toldMs.set(path, this.#options.nowMs());
    if (this.#toldMs.size <= FILES_MAX) return;
    const oldest = this.#toldMs.keys().next();
    if (!oldest.done) this.#toldMs.delete(oldest.value);
  }

  #nowNs(): bigint {
    return BigInt(Math.trunc(this.#options.nowMs())) * 1_000_000n;
  }
}
