import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { containerOfCgroup } from '../enrich/cgroup.ts';

/** One process as /proc tells it; what could not be read is null. */
export type ProcEntry = {
  readonly pid: number;
  readonly ppid: number;
  readonly name: string;
  readonly state: string;
  readonly exe: string | null;
  readonly args: readonly string[];
  readonly uid: number;
  readonly loginuid: number | null;
  readonly startTicks: number;
  readonly startedAt: string;
  readonly cgroup: string;
  readonly containerId: string | null;
  readonly podUid: string | null;
};

/** Of the whole node's processes no more are listed. */
export const PROCESSES_MAX = 32_768;
const TICK_MS = 10; // USER_HZ is 100 on every architecture we run on
const ARGS_BYTES_MAX = 16 * 1024;

/** Reads processes from a /proc; `bootMs` is the wall-clock time at which its ticks begin. */
export class Proc {
  readonly root: string;
  readonly #bootMs: number;

  constructor(root = '/proc') {
    this.root = root;
    const boot = /^btime (\d+)$/m.exec(readFileSync(`${root}/stat`, 'utf8'))?.[1];
    this.#bootMs = Number(boot ?? 0) * 1_000;
  }

  all(): ProcEntry[] {
    const pids = readdirSync(this.root).filter((name) => /^\d+$/.test(name));
    return pids.slice(0, PROCESSES_MAX).flatMap((name) => this.read(Number(name)) ?? []);
  }

  /** Undefined when the process is gone. */
  read(pid: number): ProcEntry | undefined {
    const dir = `${this.root}/${pid}`;
    const stat = this.text(`${dir}/stat`);
    // The name stands in parentheses and may itself contain them.
    const close = stat?.lastIndexOf(')') ?? -1;
    if (stat === undefined || close < 0) return undefined;
    const fields = stat.slice(close + 2).split(' ');
    const status = this.text(`${dir}/status`) ?? '';
    const cgroup = this.cgroups(pid);
    const container = [...cgroup.values()].map((path) => containerOfCgroup(path.split('/').reverse()));
    const inside = container.find((one) => one !== undefined);
    // Field 22 of proc(5); the state is the third.
    const ticks = Number(fields[19]);
    const cmdline = this.text(`${dir}/cmdline`) ?? '';
    return {
      pid,
      ppid: Number(fields[1]),
      name: stat.slice(stat.indexOf('(') + 1, close),
      state: fields[0] ?? '?',
      exe: this.link(`${dir}/exe`),
      args: cmdline === '' ? [] : cmdline.slice(0, ARGS_BYTES_MAX).replace(/\0$/, '').split('\0'),
      uid: Number(/^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1] ?? -1),
      loginuid: loginuid(this.text(`${dir}/loginuid`)),
      startTicks: ticks,
      startedAt: new Date(this.#bootMs + ticks * TICK_MS).toISOString(),
      cgroup: cgroup.get('memory') ?? cgroup.get('') ?? '',
      containerId: inside?.containerId ?? null,
      podUid: inside?.podUid ?? null,
    };
  }

  /** Path in each hierarchy by controller; '' is that of v2. */
  cgroups(pid: number): ReadonlyMap<string, string> {
    const text = this.text(`${this.root}/${pid}/cgroup`) ?? '';
    return new Map(
      // Without the end of the text, which is an empty line and would pass for the entry of v2.
      text
        .split('\n')
        .filter(Boolean)
        .flatMap((line) => {
          const [, controllers = '', ...path] = line.split(':');
          return controllers.split(',').map((name): [string, string] => [name, path.join(':')]);
        }),
    );
  }

  text(path: string): string | undefined {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined; // it ended, or belongs to another user
    }
  }

  link(path: string): string | null {
    try {
      return readlinkSync(path);
    } catch {
      return null;
    }
  }
}

function loginuid(value: string | undefined): number | null {
  const number = Number(value?.trim() || 0xffff_ffff);
  return number === 0xffff_ffff ? null : number;
}
