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
      return decodeFork(payload);
    case KIND.exit:
      return { kind: 'exit', ...decodeHeader(payload) };
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

function decodeHeader(p: Buffer): RawBase {
  return {
    ktimeNs: p.readBigUInt64LE(HEADER.ktime_ns),
    cpu: p.readUInt16LE(HEADER.cpu),
    cgroupId: unsigned(p, HEADER.cgroup_id),
    res: p.readInt32LE(HEADER.res + 4) * 2 ** 32 + p.readUInt32LE(HEADER.res),
    pid: p.readUInt32LE(HEADER.tgid),
    tid: p.readUInt32LE(HEADER.tid),
    uid: p.readUInt32LE(HEADER.uid),
    comm: textUntilNul(p, HEADER.comm, HEADER.comm + 16),
    incomplete: (p.readUInt16LE(HEADER.flags) & (FLAG.truncated | FLAG.fault)) !== 0,
  };
}

/** u64 as a number: exact below 2^53, which ids and device numbers are. */
function unsigned(p: Buffer, at: number): number {
  return p.readUInt32LE(at + 4) * 2 ** 32 + p.readUInt32LE(at);
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
  return { kind: 'cgroup', ...decodeHeader(p), names };
}

function decodeExec(p: Buffer): RawExec | undefined {
  if (p.length < EXEC.size) return undefined;
  const argsEnd = EXEC.size + p.readUInt16LE(EXEC.args_len);
  const fileEnd = argsEnd + p.readUInt16LE(EXEC.filename_len);
  const exeEnd = fileEnd + p.readUInt16LE(EXEC.exe_len);
  const cwdEnd = exeEnd + p.readUInt16LE(EXEC.cwd_len);
  const envEnd = cwdEnd + p.readUInt16LE(EXEC.env_len);
  if (envEnd > p.length) return undefined;
  return {
    kind: 'exec',
    ...decodeHeader(p),
    snapshot: (p.readUInt16LE(HEADER.flags) & FLAG.snapshot) !== 0,
    argv: texts(p, EXEC.size, argsEnd),
    env: environment(p, cwdEnd, envEnd),
    filename: textUntilNul(p, argsEnd, fileEnd),
    exepath: chainPath(p, fileEnd, exeEnd),
    cwd: chainPath(p, exeEnd, cwdEnd),
    startNs: p.readBigUInt64LE(EXEC.start_ns),
    capPermitted: p.readBigUInt64LE(EXEC.cap_permitted),
    capEffective: p.readBigUInt64LE(EXEC.cap_effective),
    capInheritable: p.readBigUInt64LE(EXEC.cap_inheritable),
    exeIno: p.readBigUInt64LE(EXEC.exe_ino),
    exeCtimeNs: p.readBigUInt64LE(EXEC.exe_ctime_ns),
    exeMtimeNs: p.readBigUInt64LE(EXEC.exe_mtime_ns),
    pidnsStartNs: p.readBigUInt64LE(EXEC.pidns_start_ns),
    ppid: p.readUInt32LE(EXEC.ppid),
    sid: p.readUInt32LE(EXEC.sid),
    vpid: p.readUInt32LE(EXEC.vpid),
    vpgid: p.readUInt32LE(EXEC.vpgid),
    pgid: p.readUInt32LE(EXEC.pgid),
    gid: p.readUInt32LE(EXEC.gid),
    loginuid: p.readInt32LE(EXEC.loginuid),
    tty: p.readUInt32LE(EXEC.tty),
    exeFlags: p.readUInt32LE(EXEC.exe_flags),
  };
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

function decodeFork(p: Buffer): RawFork | undefined {
  if (p.length < FORK.size) return undefined;
  return {
    kind: 'fork',
    ...decodeHeader(p),
    startNs: p.readBigUInt64LE(FORK.start_ns),
    childPid: p.readUInt32LE(FORK.child_tgid),
    childVpid: p.readUInt32LE(FORK.child_vpid),
    childPpid: p.readUInt32LE(FORK.child_ppid),
    call: FORK_CALLS[p.readUInt32LE(FORK.call)] ?? 'clone',
    cloneFlags: unsigned(p, FORK.clone_flags),
  };
}

function decodeSyscall(p: Buffer): RawSyscall | undefined {
  const name = NAMES.get(p.readUInt16LE(HEADER.syscall));
  if (name === undefined || p.length < SYSCALL.size) return undefined;
  const textEnd = SYSCALL.size + p.readUInt16LE(SYSCALL.len);
  const baseEnd = textEnd + p.readUInt16LE(SYSCALL.len + 2);
  const text2End = baseEnd + p.readUInt16LE(SYSCALL.len + 4);
  const base2End = text2End + p.readUInt16LE(SYSCALL.len + 6);
  if (base2End > p.length) return undefined;
  const arg = (n: number) => unsigned(p, SYSCALL.arg + n * 8);
  return {
    kind: 'syscall',
    name,
    ...decodeHeader(p),
    arg: [arg(0), arg(1), arg(2), arg(3), arg(4), arg(5)],
    text: [textUntilNul(p, SYSCALL.size, textEnd), textUntilNul(p, baseEnd, text2End)],
    base: [
      baseEnd > textEnd ? chainPath(p, textEnd, baseEnd) : undefined,
      base2End > text2End ? chainPath(p, text2End, base2End) : undefined,
    ],
  };
}

function decodeSocket(p: Buffer): RawSocket | undefined {
  const name = NAMES.get(p.readUInt16LE(HEADER.syscall));
  if (name === undefined || p.length < SOCKET.size) return undefined;
  const family = p.readUInt16LE(SOCKET.family);
  const addressBytes = Math.min(p.readUInt16LE(SOCKET.sockaddr_len), SOCKET.size - SOCKET.sockaddr);
  return {
    kind: 'socket',
    name,
    ...decodeHeader(p),
    fd: p.readInt32LE(SOCKET.fd),
    fd2: p.readInt32LE(SOCKET.fd2),
    family,
    type: p.readUInt16LE(SOCKET.type),
    protocol: p.readUInt16LE(SOCKET.protocol),
    arg: p.readUInt32LE(SOCKET.arg),
    localIp: readIp(p, SOCKET.local_ip, family),
    localPort: p.readUInt16LE(SOCKET.local_port),
    remoteIp: readIp(p, SOCKET.remote_ip, family),
    remotePort: p.readUInt16LE(SOCKET.remote_port),
    isNewPeer: (p.readUInt16LE(HEADER.flags) & FLAG.newPeer) !== 0,
    data: p.length > SOCKET.size ? Buffer.from(p.subarray(SOCKET.size)) : NO_DATA,
    address: readAddress(p.subarray(SOCKET.sockaddr, SOCKET.sockaddr + addressBytes)),
  };
}
