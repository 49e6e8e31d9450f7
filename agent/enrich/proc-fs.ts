import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { emptyThread, type LiveThread } from './thread.ts';

const CLOCK_TICK_NS = 10_000_000n; // USER_HZ is 100 on every architecture we run on

export type ProcFs = {
  readonly pids: () => readonly number[];
  /** What /proc says of a process; undefined when it is gone. Missing rights leave single fields empty. */
  readonly read: (pid: number) => LiveThread | undefined;
  readonly cmdline: (pid: number) => readonly string[];
  /** Empty when the process is gone. */
  readonly cgroup: (pid: number) => string;
};

/** `bootNs` turns start times into wall-clock time. */
export function procFs(root: string, bootNs: () => bigint): ProcFs {
  return {
    pids: () =>
      readdirSync(root)
        .filter((name) => /^\d+$/.test(name))
        .map(Number),
    read: (pid) => readProcess(`${root}/${pid}`, pid, bootNs),
    cmdline: (pid) => splitArgs(text(`${root}/${pid}/cmdline`)),
    cgroup: (pid) => cgroupPath(text(`${root}/${pid}/cgroup`)),
  };
}

function readProcess(dir: string, pid: number, bootNs: () => bigint): LiveThread | undefined {
  const stat = text(`${dir}/stat`);
  // comm stands in parentheses and may itself contain them.
  const close = stat.lastIndexOf(')');
  if (close < 0) return undefined;
  const [, ppid, pgid, sid, tty, ...rest] = stat.slice(close + 2).split(' ');
  const status = statusFields(text(`${dir}/status`));
  const argv = splitArgs(text(`${dir}/cmdline`));
  const thread = emptyThread(pid);
  thread.comm = stat.slice(stat.indexOf('(') + 1, close);
  thread.ppid = Number(ppid);
  thread.vpgid = Number(status.get('NSpgid')?.split(/\s+/).at(-1) ?? pgid);
  thread.sid = Number(status.get('NSsid')?.split(/\s+/).at(-1) ?? sid);
  thread.vpid = Number(status.get('NSpid')?.split(/\s+/).at(-1) ?? pid);
  thread.vtid = thread.vpid;
  thread.tty = Number(tty);
  thread.uid = Number(status.get('Uid')?.split(/\s+/)[1] ?? 0);
  thread.gid = Number(status.get('Gid')?.split(/\s+/)[1] ?? 0);
  thread.loginuid = loginuid(text(`${dir}/loginuid`));
  thread.capPermitted = hex(status.get('CapPrm'));
  thread.capEffective = hex(status.get('CapEff'));
  thread.capInheritable = hex(status.get('CapInh'));
  thread.exe = argv[0] ?? '';
  thread.args = argv.slice(1);
  thread.exepath = link(`${dir}/exe`);
  thread.cwd = link(`${dir}/cwd`) || '/';
  // Field 22 of stat; five are taken and the state is the first.
  thread.cloneTsNs = bootNs() + BigInt(rest[14] ?? 0) * CLOCK_TICK_NS;
  thread.cgroup = cgroupPath(text(`${dir}/cgroup`));
  return thread;
}

/** The memory hierarchy's path under cgroup v1, else that of v2. */
function cgroupPath(file: string): string {
  const lines = file.split('\n');
  const line = lines.find((l) => /^\d+:memory:/.test(l)) ?? lines.find((l) => l.startsWith('0::'));
  return line?.split(':').slice(2).join(':') ?? '';
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process ended, or belongs to another user
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path).replace(/ \(deleted\)$/, '');
  } catch {
    return '';
  }
}

function splitArgs(cmdline: string): string[] {
  if (cmdline === '') return [];
  const argv = cmdline.split('\0');
  if (argv.at(-1) === '') argv.pop();
  return argv;
}

function statusFields(status: string): ReadonlyMap<string, string> {
  return new Map(
    status.split('\n').map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
}

const hex = (value: string | undefined): bigint =>
  value && /^[0-9a-f]+$/.test(value) ? BigInt(`0x${value}`) : 0n;

function loginuid(value: string): number {
  const number = Number(value.trim() || 0xffff_ffff);
  return number === 0xffff_ffff ? -1 : number;
}
