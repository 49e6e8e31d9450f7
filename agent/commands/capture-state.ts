import { readdirSync, readFileSync } from 'node:fs';
import { cpus, networkInterfaces, totalmem } from 'node:os';
import type { CaptureWriter } from '../../core/scap/capture-writer.ts';
import type {
  FdEntry,
  InterfaceEntry,
  ProcessEntry,
  UserEntry,
} from '../../core/scap/capture-writer-lists.ts';
import { FD } from '../../core/scap/fd-state.ts';
import { PROCESSES_MAX, type Proc, type ProcEntry } from './proc.ts';

const FDS_MAX = 1_024;
const ANCESTORS_MAX = 64;
const USERS_MAX = 10_000;
const UNSET = 0xffff_ffff;

/** IPv4 in memory order, as captures hold it; undefined for other text. */
export function ipv4Number(ip: string): number | undefined {
  const parts = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(ip)?.slice(1).map(Number);
  const [a, b, c, d] = parts ?? [];
  if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}

/** Writes what is there when a capture begins: machine, addresses, users, the processes and their ancestors. */
export function writeState(
  writer: CaptureWriter,
  options: { readonly proc: Proc; readonly node: string; readonly processes: readonly ProcEntry[] },
): void {
  const { proc, node, processes } = options;
  const bootMs = Date.now() - Number((proc.text(`${proc.root}/uptime`) ?? '0').split(' ')[0]) * 1_000;
  writer.machine({
    cpus: cpus().length,
    memoryBytes: BigInt(totalmem()),
    hostname: node,
    bootTimeNs: BigInt(Math.trunc(bootMs)) * 1_000_000n,
  });
  writer.interfaces(interfaces());
  writer.users(users());
  const all = withAncestors(proc, processes);
  writer.processes(all.map((one) => processEntry(proc, one)));
  for (const one of all) writer.fds(one.pid, files(proc, one.pid));
}

function withAncestors(proc: Proc, processes: readonly ProcEntry[]): ProcEntry[] {
  const found = new Map(processes.map((one) => [one.pid, one]));
  for (const one of processes) {
    let at = proc.read(one.ppid);
    for (let depth = 0; depth < ANCESTORS_MAX && at !== undefined && !found.has(at.pid); depth += 1) {
      found.set(at.pid, at);
      at = proc.read(at.ppid);
    }
  }
  return [...found.values()].slice(0, PROCESSES_MAX);
}

function processEntry(proc: Proc, one: ProcEntry): ProcessEntry {
  const status = proc.text(`${proc.root}/${one.pid}/status`) ?? '';
  const last = (name: string) => Number(new RegExp(`^${name}:.*?(\\d+)$`, 'm').exec(status)?.[1] ?? one.pid);
  return {
    tid: one.pid,
    pid: one.pid,
    ptid: one.ppid,
    comm: one.name,
    exe: one.args[0] ?? '',
    exepath: one.exe?.replace(/ \(deleted\)$/, '') ?? '',
    args: one.args.slice(1),
    cwd: `${(proc.link(`${proc.root}/${one.pid}/cwd`) ?? '/').replace(/\/$/, '')}/`,
    uid: one.uid < 0 ? UNSET : one.uid,
    loginuid: one.loginuid ?? -1,
    vtid: last('NSpid'),
    vpid: last('NSpid'),
    cgroups: [...proc.cgroups(one.pid)].map(([name, path]) => `${name}=${path}`),
  };
}

/** Files alone: what the sensor sees of a socket brings its addresses along. */
function files(proc: Proc, pid: number): FdEntry[] {
  const dir = `${proc.root}/${pid}/fd`;
  let numbers: string[];
  try {
    numbers = readdirSync(dir).slice(0, FDS_MAX);
  } catch {
    return [];
  }
  return numbers.flatMap((number) => {
    const name = proc.link(`${dir}/${number}`);
    return name?.startsWith('/') ? [{ number: Number(number), type: FD.fileV2, name, openFlags: 0 }] : [];
  });
}

function interfaces(): InterfaceEntry[] {
  return Object.entries(networkInterfaces()).flatMap(([name, list]) =>
    (list ?? []).map(({ address, netmask, family }) => {
      const ip = family === 'IPv4' ? ipv4Number(address) : address;
      const mask = family === 'IPv4' ? ipv4Number(netmask) : netmask;
      const none = family === 'IPv4' ? 0 : '::';
      return { name, address: ip ?? none, netmask: mask ?? none, broadcast: none };
    }),
  );
}

function users(): UserEntry[] {
  const lines = (path: string) => {
    try {
      return readFileSync(path, 'utf8').split('\n').slice(0, USERS_MAX);
    } catch {
      return [];
    }
  };
  const people = lines('/etc/passwd').flatMap((line): UserEntry[] => {
    const [name = '', , uid, gid, , home = '', shell = ''] = line.split(':');
    return gid === undefined ? [] : [{ kind: 'user', uid: Number(uid), gid: Number(gid), name, home, shell }];
  });
  const groups = lines('/etc/group').flatMap((line): UserEntry[] => {
    const [name = '', , gid] = line.split(':');
    return gid === undefined ? [] : [{ kind: 'group', gid: Number(gid), name }];
  });
  return [...people, ...groups];
}
