import { EXEC, FORK, HEADER, KIND, type ProbeSyscall, SOCKET, SYSCALL, SYSCALL_CODES } from './layout.ts';
import {
  dropsSchema,
  helloSchema,
  type RawCgroup,
  type RawExec,
  type RawRecord,
  type RawSocket,
  type RawSyscall,
} from './raw.ts';
import { ExecRecord, ExitRecord, ForkRecord, Header, SocketRecord, SyscallRecord } from './records.ts';

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

function decodeSocket(p: Buffer): RawSocket | undefined {
  const name = NAMES.get(p.readUInt16LE(HEADER.syscall));
  return name === undefined || p.length < SOCKET.size ? undefined : new SocketRecord(p, name);
}
