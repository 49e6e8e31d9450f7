import type { BlockWriter } from './block-writer.ts';
import { type Address, FD } from './fd-state.ts';
import { ipv6Bytes } from './ipv6-bytes.ts';

/** Longest texts that sysdig reads. Source: libscap/scap_const.h, scap_limits.h. */
const PATH_MAX = 1024;
const ARGS_MAX = 4096;
const NAME_MAX = 255;

export type MachineInfo = {
  readonly cpus: number;
  readonly memoryBytes: bigint;
  readonly hostname: string;
  readonly bootTimeNs: bigint;
};

/** A thread as it was when the capture began; what is left out is unknown. */
export type ProcessEntry = {
  readonly tid: number;
  readonly pid: number;
  readonly ptid: number;
  readonly comm: string;
} & Partial<typeof UNKNOWN_PROCESS>;

const NONE: readonly string[] = [];
const UNKNOWN_PROCESS = {
  sid: -1,
  vpgid: -1,
  exe: '',
  exepath: '',
  args: NONE,
  cwd: '',
  fdLimit: -1,
  /** Clone flags of the capture format. */
  flags: 0,
  uid: 0xffffffff,
  gid: 0xffffffff,
  vmSizeKb: 0,
  vmRssKb: 0,
  vmSwapKb: 0,
  pageFaultsMajor: 0n,
  pageFaultsMinor: 0n,
  env: NONE,
  vtid: -1,
  vpid: -1,
  cgroups: NONE,
  root: '',
  pidnsInitStartTs: 0n,
  tty: 0,
  loginuid: -1,
  exeWritable: false,
  capInheritable: 0n,
  capPermitted: 0n,
  capEffective: 0n,
  exeUpperLayer: false,
  exeIno: 0n,
  exeInoCtime: 0n,
  exeInoMtime: 0n,
  exeFromMemfd: false,
  exeLowerLayer: false,
  pgid: -1,
};

/** An open descriptor; `type` is one of FD. Listening sockets have their own address as destination. */
export type FdEntry = {
  readonly number: number;
  readonly type: number;
  readonly ino?: bigint;
  readonly name?: string;
  readonly openFlags?: number;
  readonly dev?: number;
  readonly sourceIp?: Address;
  readonly sourcePort?: number;
  readonly destIp?: Address;
  readonly destPort?: number;
  readonly l4?: number;
  /** Kernel addresses of both ends of a Unix socket. */
  readonly source?: bigint;
  readonly peer?: bigint;
};

/** An address of a network interface: IPv4 in memory order or IPv6 text, one family in all three. */
export type InterfaceEntry = {
  readonly name: string;
  readonly address: Address;
  readonly netmask: Address;
  readonly broadcast: Address;
};

export type UserEntry =
  | {
      readonly kind: 'user';
      readonly uid: number;
      readonly gid: number;
      readonly name: string;
      readonly home: string;
      readonly shell: string;
    }
  | { readonly kind: 'group'; readonly gid: number; readonly name: string };

export function writeMachine(out: BlockWriter, info: MachineInfo): void {
  out.u32(info.cpus);
  out.u64(info.memoryBytes);
  out.u64(0x400000);
  const host = new TextEncoder().encode(info.hostname).subarray(0, 127);
  out.raw(host);
  out.zeros(128 - host.length);
  out.u64(info.bootTimeNs);
  out.zeros(24);
}

/** Writes an entry after its own length, which counts itself. */
export function writeEntry(out: BlockWriter, write: () => void): void {
  const at = out.length;
  out.u32(0);
  write();
  out.patchU32(at, out.length - at);
}

/** An entry of process list version 9 without its length. */
export function writeProcess(out: BlockWriter, entry: ProcessEntry): void {
  const process = { ...UNKNOWN_PROCESS, ...entry };
  for (const id of [process.tid, process.pid, process.ptid, process.sid, process.vpgid]) out.u64(id);
  out.text(process.comm, PATH_MAX);
  out.text(process.exe, PATH_MAX);
  out.text(process.exepath, PATH_MAX);
  out.texts(process.args, ARGS_MAX);
  out.text(process.cwd, PATH_MAX);
  out.u64(process.fdLimit);
  out.u32(process.flags);
  out.u32(process.uid);
  out.u32(process.gid);
  out.u32(process.vmSizeKb);
  out.u32(process.vmRssKb);
  out.u32(process.vmSwapKb);
  out.u64(process.pageFaultsMajor);
  out.u64(process.pageFaultsMinor);
  out.texts(process.env, ARGS_MAX);
  out.u64(process.vtid);
  out.u64(process.vpid);
  out.texts(process.cgroups, ARGS_MAX);
  out.text(process.root, PATH_MAX);
  out.u64(process.pidnsInitStartTs);
  out.u32(process.tty);
  out.u32(process.loginuid);
  out.u8(Number(process.exeWritable));
  out.u64(process.capInheritable);
  out.u64(process.capPermitted);
  out.u64(process.capEffective);
  out.u8(Number(process.exeUpperLayer));
  out.u64(process.exeIno);
  out.u64(process.exeInoCtime);
  out.u64(process.exeInoMtime);
  out.u8(Number(process.exeFromMemfd));
  out.u8(Number(process.exeLowerLayer));
  out.u64(process.pgid);
}

export function writeFd(out: BlockWriter, fd: FdEntry): void {
  const [sourcePort, destPort, l4] = [fd.sourcePort ?? 0, fd.destPort ?? 0, fd.l4 ?? 0];
  out.u64(fd.number);
  out.u64(fd.ino ?? 0n);
  out.u8(fd.type);
  switch (fd.type) {
    case FD.ipv4:
    case FD.ipv6:
      writeAddress(out, fd.sourceIp, fd.type === FD.ipv6);
      writeAddress(out, fd.destIp, fd.type === FD.ipv6);
      out.u16(sourcePort);
      break;
    case FD.ipv4Server:
    case FD.ipv6Server:
      writeAddress(out, fd.destIp, fd.type === FD.ipv6Server);
      break;
    case FD.unix:
      out.u64(fd.source ?? 0n);
      out.u64(fd.peer ?? 0n);
      out.text(fd.name ?? '', PATH_MAX);
      return;
    case FD.fileV2:
      out.u32(fd.openFlags ?? 0);
      out.text(fd.name ?? '', PATH_MAX);
      out.u32(fd.dev ?? 0);
      return;
    default:
      out.text(fd.name ?? '', PATH_MAX);
      return;
  }
  out.u16(destPort);
  out.u8(l4);
}

/** An entry of interface list version 2: its length does not count itself. */
export function writeInterface(out: BlockWriter, entry: InterfaceEntry): void {
  const v6 = typeof entry.address === 'string';
  const name = new TextEncoder().encode(entry.name).subarray(0, NAME_MAX);
  out.u32(4 + 3 * (v6 ? 16 : 4) + 8 + name.length);
  out.u16(v6 ? 2 : 1);
  out.u16(name.length);
  for (const address of [entry.address, entry.netmask, entry.broadcast]) writeAddress(out, address, v6);
  // Link speed, which nothing reads.
  out.u64(0);
  out.raw(name);
}

export function writeUser(out: BlockWriter, entry: UserEntry): void {
  out.u8(entry.kind === 'user' ? 0 : 1);
  if (entry.kind === 'user') out.u32(entry.uid);
  out.u32(entry.gid);
  out.text(entry.name, NAME_MAX);
  if (entry.kind === 'group') return;
  out.text(entry.home, PATH_MAX);
  out.text(entry.shell, PATH_MAX);
}

/** An address of the family asked for; one of the other family, or none, is the wildcard. */
export function writeAddress(out: BlockWriter, address: Address | undefined, v6: boolean): void {
  if (!v6) out.u32(typeof address === 'number' ? address : 0);
  else out.raw((typeof address === 'string' ? ipv6Bytes(address) : undefined) ?? new Uint8Array(16));
}
