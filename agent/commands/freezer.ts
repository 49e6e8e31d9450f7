import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { containerOfCgroup } from '../enrich/cgroup.ts';
import type { Proc, ProcEntry } from './proc.ts';
import { CommandError, descendants, isAlive } from './scope.ts';

/** Where the freezer of this node is, and how it is spoken to. */
export type Hierarchy = { readonly root: string; readonly version: 1 | 2 };

/** What a freeze did, so that it can be taken back after a restart. */
export type Frozen = {
  /** Cgroups that were frozen, absolute paths. */
  readonly cgroups: readonly string[];
  /** Processes that were moved into a cgroup of ours, with the cgroup each came from. */
  readonly moved: readonly { readonly pid: number; readonly startTicks: number; readonly from: string }[];
};

const SETTLE_MS = 5_000;
const STEP_MS = 20;
/** A process that forks is frozen after a few rounds, because its children are born in the same cgroup. */
const ROUNDS_MAX = 20;

/** Finds the freezer: a v1 hierarchy of its own, else the one of v2. Undefined when the node has neither. */
export function findFreezer(mounts = readFileSync('/proc/self/mounts', 'utf8')): Hierarchy | undefined {
  const lines = mounts.split('\n').map((line) => line.split(' '));
  const v1 = lines.find(
    ([, , type, options = '']) => type === 'cgroup' && options.split(',').includes('freezer'),
  );
  if (v1?.[1] !== undefined) return { root: v1[1], version: 1 };
  const v2 = lines.find(([, , type]) => type === 'cgroup2');
  return v2?.[1] === undefined ? undefined : { root: v2[1], version: 2 };
}

export function isWritable({ root }: Hierarchy): boolean {
  try {
    accessSync(root, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Freezes and thaws by cgroup; `moved` processes go back where they came from. */
export class Freezer {
  readonly #at: Hierarchy;
  readonly #proc: Proc;

  constructor(at: Hierarchy, proc: Proc) {
    this.#at = at;
    this.#proc = proc;
  }

  /** Cgroups of the containers that processes are in. Errors: CommandError when one is in none. */
  containerCgroups(processes: readonly ProcEntry[]): string[] {
    return [...new Set(processes.flatMap((one) => this.#containerCgroup(one) ?? []))];
  }

  /** Freezes whole cgroups, or leaves all of them as they were. Errors: CommandError. */
  async freezeCgroups(cgroups: readonly string[], signal: AbortSignal): Promise<Frozen> {
    try {
      for (const cgroup of cgroups) this.#order(cgroup, true);
      for (const cgroup of cgroups) await this.#settled(cgroup, true, signal);
    } catch (err) {
      await this.thaw({ cgroups, moved: [] });
      throw err;
    }
    return { cgroups, moved: [] };
  }

  /**
   * Moves a process and its descendants into a cgroup of their own, which is frozen. `onMove` is told before
   * anything moves, so that the way back outlives a crash. Errors: CommandError; then nothing stays frozen.
   */
  async freezeTree(
    root: ProcEntry,
    name: string,
    options: { readonly signal: AbortSignal; readonly onMove: (frozen: Frozen) => void },
  ): Promise<Frozen> {
    const home = this.#cgroupOf(root);
    if (home === undefined) throw new CommandError('The process has ended.');
    const own = join(home, name);
    const moved = new Map<number, Frozen['moved'][number]>();
    const frozen = (): Frozen => ({ cgroups: [own], moved: [...moved.values()] });
    try {
      mkdirSync(own, { recursive: true });
      for (let round = 0; ; round += 1) {
        const tree = descendants(this.#proc, this.#same(root)).filter(isAlive);
        const strays = tree.flatMap(({ pid, startTicks }) => {
          const from = this.#cgroupOf({ pid });
          return from === undefined || from === own ? [] : [{ pid, startTicks, from }];
        });
        if (strays.length === 0) break;
        if (round === ROUNDS_MAX)
          throw new CommandError('The processes multiply faster than they can be frozen.');
        for (const one of strays) moved.set(one.pid, one);
        options.onMove(frozen());
        for (const one of strays) this.#move(one, own);
        this.#order(own, true);
        await this.#settled(own, true, options.signal);
      }
      if (moved.size === 0) throw new CommandError('The process has ended.');
    } catch (err) {
      await this.thaw(frozen());
      throw err;
    }
    return frozen();
  }

  /** Lets everything go on; cgroups that are gone need nothing. Errors: CommandError when one stays frozen. */
  async thaw({ cgroups, moved }: Frozen): Promise<void> {
    const signal = AbortSignal.timeout(SETTLE_MS);
    for (const cgroup of cgroups) {
      try {
        this.#order(cgroup, false);
        await this.#settled(cgroup, false, signal);
      } catch (err) {
        if (!isGone(err)) throw err;
      }
    }
    if (moved.length === 0) return;
    const back = new Map(moved.map(({ pid, from }) => [pid, from]));
    for (const cgroup of cgroups) await this.#empty(cgroup, back);
  }

  /** Sends everything back and removes the cgroup: what runs again may have children in it by now. */
  async #empty(cgroup: string, back: ReadonlyMap<number, string>): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      for (const pid of pidsOf(cgroup))
        tryWrite(join(back.get(pid) ?? dirname(cgroup), 'cgroup.procs'), String(pid));
      try {
        rmdirSync(cgroup);
        return;
      } catch (err) {
        if (isGone(err)) return;
        await delay(STEP_MS); // a process that is ending still counts
      }
    }
    // A process that could not go back stays where it is, thawed.
  }

  #containerCgroup(one: ProcEntry): string | undefined {
    const names = this.#path(one)?.split('/');
    if (names === undefined) return undefined;
    const depth = names.findIndex((name) => containerOfCgroup([name]) !== undefined);
    if (depth < 0) throw new CommandError(`Process ${one.pid} is in no container's cgroup of the freezer.`);
    return join(this.#at.root, ...names.slice(0, depth + 1));
  }

  #cgroupOf(one: Pick<ProcEntry, 'pid'>): string | undefined {
    const path = this.#path(one);
    return path === undefined ? undefined : join(this.#at.root, path);
  }

  /** Undefined when the process has ended. Errors: CommandError when its cgroup is out of reach. */
  #path({ pid }: Pick<ProcEntry, 'pid'>): string | undefined {
    const cgroups = this.#proc.cgroups(pid);
    const path = cgroups.get(this.#at.version === 1 ? 'freezer' : '');
    if (path?.startsWith('/..'))
      throw new CommandError(`The cgroup of process ${pid} is not visible from the agent’s namespace.`);
    return path === '' ? undefined : path;
  }

  /** The root as it is now; none when it ended or its number belongs to another process. */
  #same(root: ProcEntry): ProcEntry[] {
    const now = this.#proc.read(root.pid);
    return now?.startTicks === root.startTicks ? [now] : [];
  }

  /** What was moved by its number must still be the same process; if not, it goes back at once. */
  #move(one: Frozen['moved'][number], to: string): void {
    if (!tryWrite(join(to, 'cgroup.procs'), String(one.pid))) return; // it ended
    const now = this.#proc.read(one.pid);
    if (now !== undefined && now.startTicks !== one.startTicks)
      tryWrite(join(one.from, 'cgroup.procs'), String(one.pid));
  }

  #order(cgroup: string, freeze: boolean): void {
    if (this.#at.version === 1) writeFileSync(join(cgroup, 'freezer.state'), freeze ? 'FROZEN' : 'THAWED');
    else writeFileSync(join(cgroup, 'cgroup.freeze'), freeze ? '1' : '0');
  }

  async #settled(cgroup: string, freeze: boolean, signal: AbortSignal): Promise<void> {
    const endMs = performance.now() + SETTLE_MS;
    while (this.isFrozen(cgroup) !== freeze) {
      signal.throwIfAborted();
      if (performance.now() > endMs)
        throw new CommandError(`${cgroup} did not ${freeze ? 'freeze' : 'thaw'} within ${SETTLE_MS} ms.`);
      if (freeze && this.#at.version === 1) this.#order(cgroup, true); // v1 needs another push after a fork
      await delay(STEP_MS);
    }
  }

  isFrozen(cgroup: string): boolean {
    if (this.#at.version === 1)
      return readFileSync(join(cgroup, 'freezer.state'), 'utf8').trim() === 'FROZEN';
    return /^frozen 1$/m.test(readFileSync(join(cgroup, 'cgroup.events'), 'utf8'));
  }
}

function pidsOf(cgroup: string): number[] {
  try {
    return readFileSync(join(cgroup, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function tryWrite(path: string, value: string): boolean {
  try {
    writeFileSync(path, value);
    return true;
  } catch {
    return false;
  }
}

const isGone = (err: unknown): boolean =>
  err instanceof Error && 'code' in err && (err.code === 'ENOENT' || err.code === 'ENODEV');
