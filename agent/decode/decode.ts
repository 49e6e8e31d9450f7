import { readAddress, readIp } from './address.ts';
import {
  EXEC,
  FLAG,
  FORK,
  FORK_CALLS,
  HEADER,
  KIND,
  type ProbeSyscall,
  SOCKET,
  SYSCALL,
  SYSCALL_CODES,
} from './layout.ts';
import {
  dropsSchema,
  helloSchema,
  type RawBase,
  type RawCgroup,
  type RawExec,
  type RawExit,
  type RawFork,
  type RawRecord,
  type RawSocket,
  type RawSyscall,
} from './raw.ts';

const NO_DATA = Buffer.alloc(0);
const NAMES: ReadonlyMap<number, ProbeSyscall> = new Map(
  Object.entries(SYSCALL_CODES).map(([name, code]) => [code, name as ProbeSyscall]),
);

/**
 * Decodes one frame's payload. Every length is checked against the payload before it is used.
 * Errors: undefined for anything that does not fit the layout; never throws.
 */
export function decodeRecord(payload: Buffer): RawRecord | undefined {
  if (payload.length < HEADER.size) return undefined;
  switch (payload.readUInt16LE(HEADER.kind)) {
    case KIND.exec:
      return decodeExec(payload);
    case KIND.fork:
      return payload.length < FORK.size ? undefined : new ForkRecord(payload);
    case KIND.exit:
      return new ExitRecord(payload);
    case KIND.syscall:
      return decodeSyscall(payload);
    case KIND.socket:
      return decodeSocket(payload);
    case KIND.cgroup:
      return decodeCgroup(payload);
    case KIND.hello: {
      const hello = helloSchema.safeParse(parseJson(payload));
      if (!hello.success) return undefined;
      return { kind: 'hello', ktimeNs: payload.readBigUInt64LE(HEADER.ktime_ns), hello: hello.data };
    }
    case KIND.drops: {
      const drops = dropsSchema.safeParse(parseJson(payload));
      return drops.success ? { kind: 'drops', drops: drops.data } : undefined;
    }
    default:
      return undefined;
  }
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8', HEADER.size));
  } catch {
    return undefined;
  }
}

/**
 * What every record begins with, and records as classes: the engine lays a class out once for all of its objects.
 * Records that are put together by spreading their beginning cost more than all the rest of decoding.
 */
class Header implements RawBase {
  declare readonly ktimeNs: bigint;
  declare readonly cpu: number;
  declare readonly cgroupId: number;
  declare readonly res: number;
  declare readonly pid: number;
  declare readonly tid: number;
  declare readonly uid: number;
  declare readonly comm: string;
  declare readonly incomplete: boolean;

  constructor(p: Buffer) {
    this.ktimeNs = p.readBigUInt64LE(HEADER.ktime_ns);
    this.cpu = p.readUInt16LE(HEADER.cpu);
    this.cgroupId = unsigned(p, HEADER.cgroup_id);
    this.res = p.readInt32LE(HEADER.res + 4) * 2 ** 32 + p.readUInt32LE(HEADER.res);
    this.pid = p.readUInt32LE(HEADER.tgid);
    this.tid = p.readUInt32LE(HEADER.tid);
    this.uid = p.readUInt32LE(HEADER.uid);
    this.comm = taskName(p);
    this.incomplete = (p.readUInt16LE(HEADER.flags) & (FLAG.truncated | FLAG.fault)) !== 0;
  }
}

/** u64 as a number: exact below 2^53, which ids and device numbers are. */
function unsigned(p: Buffer, at: number): number {
  return p.readUInt32LE(at + 4) * 2 ** 32 + p.readUInt32LE(at);
}

const NAME_SLOTS = 512;
const nameWords = new Uint32Array(NAME_SLOTS * 4);
const names: string[] = Array(NAME_SLOTS).fill('');

/** Every record has one, and most have one of a few: the newest of each slot is kept by its 16 bytes. */
function taskName(p: Buffer): string {
  const a = p.readUInt32LE(HEADER.comm);
  const b = p.readUInt32LE(HEADER.comm + 4);
  const c = p.readUInt32LE(HEADER.comm + 8);
  const d = p.readUInt32LE(HEADER.comm + 12);
  const mixed = Math.imul(a ^ Math.imul(b ^ Math.imul(c ^ d, 0x85ebca6b), 0xc2b2ae35), 0x9e3779b1);
  const slot = (mixed >>> 16) % NAME_SLOTS;
  const at = slot * 4;
  const isKnown =
    nameWords[at] === a && nameWords[at + 1] === b && nameWords[at + 2] === c && nameWords[at + 3] === d;
  if (!isKnown) {
    nameWords.set([a, b, c, d], at);
    names[slot] = textUntilNul(p, HEADER.comm, HEADER.comm + 16);
  }
  return names[slot] ?? '';
}

function textUntilNul(p: Buffer, start: number, end: number): string {
  const nul = p.indexOf(0, start);
  return p.toString('utf8', start, nul < 0 || nul > end ? end : nul);
}

/** Names leaf first → absolute path. */
function chainPath(p: Buffer, start: number, end: number): string {
  if (start === end) return '/';
  const names = p.toString('utf8', start, end).split('\0');
  names.pop();
  return `/${names.reverse().join('/')}`;
}

function decodeCgroup(p: Buffer): RawCgroup {
  const names = p.toString('utf8', HEADER.size).split('\0');
  names.pop();
  return { ...new Header(p), kind: 'cgroup', names };
}

function decodeExec(p: Buffer): RawExec | undefined {
  if (p.length < EXEC.size) return undefined;
  const argsEnd = EXEC.size + p.readUInt16LE(EXEC.args_len);
  const fileEnd = argsEnd + p.readUInt16LE(EXEC.filename_len);
  const exeEnd = fileEnd + p.readUInt16LE(EXEC.exe_len);
  const cwdEnd = exeEnd + p.readUInt16LE(EXEC.cwd_len);
  const envEnd = cwdEnd + p.readUInt16LE(EXEC.env_len);
  if (envEnd > p.length) return undefined;
  return new ExecRecord(p, argsEnd, fileEnd, exeEnd, cwdEnd, envEnd);
}

class ExecRecord extends Header implements RawExec {
  declare readonly kind: 'exec';
  declare readonly snapshot: boolean;
  declare readonly argv: readonly string[];
  declare readonly env: readonly string[];
  declare readonly filename: string;
  declare readonly exepath: string;
  declare readonly cwd: string;
  declare readonly startNs: bigint;
  declare readonly capPermitted: bigint;
  declare readonly capEffective: bigint;
  declare readonly capInheritable: bigint;
  declare readonly exeIno: bigint;
  declare readonly exeCtimeNs: bigint;
  declare readonly exeMtimeNs: bigint;
  declare readonly pidnsStartNs: bigint;
  declare readonly ppid: number;
  declare readonly sid: number;
  declare readonly vpid: number;
  declare readonly vpgid: number;
  declare readonly pgid: number;
  declare readonly gid: number;
  declare readonly loginuid: number;
  declare readonly tty: number;
  declare readonly exeFlags: number;

  constructor(p: Buffer, argsEnd: number, fileEnd: number, exeEnd: number, cwdEnd: number, envEnd: number) {
    super(p);
    this.kind = 'exec';
    this.snapshot = (p.readUInt16LE(HEADER.flags) & FLAG.snapshot) !== 0;
    this.argv = texts(p, EXEC.size, argsEnd);
    this.env = environment(p, cwdEnd, envEnd);
    this.filename = textUntilNul(p, argsEnd, fileEnd);
    this.exepath = chainPath(p, fileEnd, exeEnd);
    this.cwd = chainPath(p, exeEnd, cwdEnd);
    this.startNs = p.readBigUInt64LE(EXEC.start_ns);
    this.capPermitted = p.readBigUInt64LE(EXEC.cap_permitted);
    this.capEffective = p.readBigUInt64LE(EXEC.cap_effective);
    this.capInheritable = p.readBigUInt64LE(EXEC.cap_inheritable);
    this.exeIno = p.readBigUInt64LE(EXEC.exe_ino);
    this.exeCtimeNs = p.readBigUInt64LE(EXEC.exe_ctime_ns);
    this.exeMtimeNs = p.readBigUInt64LE(EXEC.exe_mtime_ns);
    this.pidnsStartNs = p.readBigUInt64LE(EXEC.pidns_start_ns);
    this.ppid = p.readUInt32LE(EXEC.ppid);
    this.sid = p.readUInt32LE(EXEC.sid);
    this.vpid = p.readUInt32LE(EXEC.vpid);
    this.vpgid = p.readUInt32LE(EXEC.vpgid);
    this.pgid = p.readUInt32LE(EXEC.pgid);
    this.gid = p.readUInt32LE(EXEC.gid);
    this.loginuid = p.readInt32LE(EXEC.loginuid);
    this.tty = p.readUInt32LE(EXEC.tty);
    this.exeFlags = p.readUInt32LE(EXEC.exe_flags);
  }
}

function texts(p: Buffer, start: number, end: number): string[] {
  if (start === end) return [];
  const found = p.toString('utf8', start, end).split('\0');
  if (found.at(-1) === '') found.pop();
  return found;
}

type Environment = { readonly bytes: Buffer; readonly texts: readonly string[] };

/** Of programs that one parent starts again and again all have the same, of kilobytes: they share one list. By length. */
const environments = new Map<number, Environment>();
const ENVIRONMENTS_MAX = 64;

function environment(p: Buffer, start: number, end: number): readonly string[] {
  const bytes = p.subarray(start, end);
  const known = environments.get(bytes.length);
  if (known?.bytes.equals(bytes)) return known.texts;
  if (environments.size >= ENVIRONMENTS_MAX) environments.clear();
  const found = { bytes: Buffer.from(bytes), texts: texts(p, start, end) };
  environments.set(bytes.length, found);
  return found.texts;
}

class ForkRecord extends Header implements RawFork {
  declare readonly kind: 'fork';
  declare readonly startNs: bigint;
  declare readonly childPid: number;
  declare readonly childVpid: number;
  declare readonly childPpid: number;
  declare readonly call: RawFork['call'];
  declare readonly cloneFlags: number;

  constructor(p: Buffer) {
    super(p);
    this.kind = 'fork';
    this.startNs = p.readBigUInt64LE(FORK.start_ns);
    this.childPid = p.readUInt32LE(FORK.child_tgid);
    this.childVpid = p.readUInt32LE(FORK.child_vpid);
    this.childPpid = p.readUInt32LE(FORK.child_ppid);
    this.call = FORK_CALLS[p.readUInt32LE(FORK.call)] ?? 'clone';
    this.cloneFlags = unsigned(p, FORK.clone_flags);
  }
}

class ExitRecord extends Header implements RawExit {
  declare readonly kind: 'exit';

  constructor(p: Buffer) {
    super(p);
    this.kind = 'exit';
  }
}

function decodeSyscall(p: Buffer): RawSyscall | undefined {
  const name = NAMES.get(p.readUInt16LE(HEADER.syscall));
  if (name === undefined || p.length < SYSCALL.size) return undefined;
  const textEnd = SYSCALL.size + p.readUInt16LE(SYSCALL.len);
  const baseEnd = textEnd + p.readUInt16LE(SYSCALL.len + 2);
  const text2End = baseEnd + p.readUInt16LE(SYSCALL.len + 4);
  const base2End = text2End + p.readUInt16LE(SYSCALL.len + 6);
  if (base2End > p.length) return undefined;
  return new SyscallRecord(p, name, textEnd, baseEnd, text2End, base2End);
}

class SyscallRecord extends Header implements RawSyscall {
  declare readonly kind: 'syscall';
  declare readonly name: ProbeSyscall;
  declare readonly arg: RawSyscall['arg'];
  declare readonly text: RawSyscall['text'];
  declare readonly base: RawSyscall['base'];

  constructor(
    p: Buffer,
    name: ProbeSyscall,
    textEnd: number,
    baseEnd: number,
    text2End: number,
    base2End: number,
  ) {
    super(p);
    const arg = (n: number) => unsigned(p, SYSCALL.arg + n * 8);
    this.kind = 'syscall';
    this.name = name;
    this.arg = [arg(0), arg(1), arg(2), arg(3), arg(4), arg(5)];
    this.text = [textUntilNul(p, SYSCALL.size, textEnd), textUntilNul(p, baseEnd, text2End)];
    this.base = [
      baseEnd > textEnd ? chainPath(p, textEnd, baseEnd) : undefined,
      base2End > text2End ? chainPath(p, text2End, base2End) : undefined,
    ];
  }
}

function decodeSocket(p: Buffer): RawSocket | undefined {
  const name = NAMES.get(p.readUInt16LE(HEADER.syscall));
  return name === undefined || p.length < SOCKET.size ? undefined : new SocketRecord(p, name);
}

class SocketRecord extends Header implements RawSocket {
  declare readonly kind: 'socket';
  declare readonly name: ProbeSyscall;
  declare readonly fd: number;
  declare readonly fd2: number;
  declare readonly family: number;
  declare readonly type: number;
  declare readonly protocol: number;
  declare readonly arg: number;
  declare readonly localIp: string;
  declare readonly localPort: number;
  declare readonly remoteIp: string;
  declare readonly remotePort: number;
  declare readonly isNewPeer: boolean;
  declare readonly data: Buffer;
  declare readonly address: RawSocket['address'];

  constructor(p: Buffer, name: ProbeSyscall) {
    super(p);
    const family = p.readUInt16LE(SOCKET.family);
    const addressBytes = Math.min(p.readUInt16LE(SOCKET.sockaddr_len), SOCKET.size - SOCKET.sockaddr);
    this.kind = 'socket';
    this.name = name;
    this.fd = p.readInt32LE(SOCKET.fd);
    this.fd2 = p.readInt32LE(SOCKET.fd2);
    this.family = family;
    this.type = p.readUInt16LE(SOCKET.type);
    this.protocol = p.readUInt16LE(SOCKET.protocol);
    this.arg = p.readUInt32LE(SOCKET.arg);
    this.localIp = readIp(p, SOCKET.local_ip, family);
    this.localPort = p.readUInt16LE(SOCKET.local_port);
    this.remoteIp = readIp(p, SOCKET.remote_ip, family);
    this.remotePort = p.readUInt16LE(SOCKET.remote_port);
    this.isNewPeer = (p.readUInt16LE(HEADER.flags) & FLAG.newPeer) !== 0;
    this.data = p.length > SOCKET.size ? Buffer.from(p.subarray(SOCKET.size)) : NO_DATA;
    this.address = readAddress(p.subarray(SOCKET.sockaddr, SOCKET.sockaddr + addressBytes));
  }
}
