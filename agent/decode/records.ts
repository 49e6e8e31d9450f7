import { readAddress, readIp } from './address.ts';
import { EXEC, FLAG, FORK, FORK_CALLS, HEADER, type ProbeSyscall, SOCKET, SYSCALL } from './layout.ts';
import type { RawBase, RawExec, RawExit, RawFork, RawSocket, RawSyscall } from './raw.ts';
import { chainPath, environment, taskName, texts, textUntilNul, unsigned } from './texts.ts';

const NO_DATA = Buffer.alloc(0);

/**
 * What every record begins with. Records are classes, because the engine lays those out once: a literal with this
 * spread into its middle defines each property after it through the runtime.
 */
export class Header implements RawBase {
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

/** Ends are offsets into the payload; whoever makes a record has checked that they lie within it. */
export class ExecRecord extends Header implements RawExec {
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

export class ForkRecord extends Header implements RawFork {
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

export class ExitRecord extends Header implements RawExit {
  declare readonly kind: 'exit';

  constructor(p: Buffer) {
    super(p);
    this.kind = 'exit';
  }
}

export class SyscallRecord extends Header implements RawSyscall {
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

export class SocketRecord extends Header implements RawSocket {
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
