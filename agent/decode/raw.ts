import { z } from 'zod';
import type { FORK_CALLS, ProbeSyscall } from './layout.ts';

/** What every kernel record says about the moment and the task. */
export type RawBase = {
  readonly ktimeNs: bigint;
  readonly cpu: number;
  readonly cgroupId: number;
  readonly res: number;
  readonly pid: number;
  readonly tid: number;
  /** Effective. */
  readonly uid: number;
  readonly comm: string;
  /** A string was cut at the probe's limit, or could not be read. */
  readonly incomplete: boolean;
};

export type RawCgroup = RawBase & { readonly kind: 'cgroup'; readonly names: readonly string[] };

export type RawExec = RawBase & {
  readonly kind: 'exec';
  /** True for a process that ran before the probe: no exec was seen, and argv is absent. */
  readonly snapshot: boolean;
  readonly argv: readonly string[];
  /** The first 4 KiB. */
  readonly env: readonly string[];
  readonly filename: string;
  readonly exepath: string;
  readonly cwd: string;
  readonly startNs: bigint;
  readonly capPermitted: bigint;
  readonly capEffective: bigint;
  readonly capInheritable: bigint;
  readonly exeIno: bigint;
  /** Wall-clock times of the file; the namespace's is kernel time like startNs. */
  readonly exeCtimeNs: bigint;
  readonly exeMtimeNs: bigint;
  readonly pidnsStartNs: bigint;
  readonly ppid: number;
  readonly sid: number;
  readonly vpid: number;
  readonly vpgid: number;
  /** As the host sees it. */
  readonly pgid: number;
  readonly gid: number;
  readonly loginuid: number;
  readonly tty: number;
  readonly exeFlags: number;
};

export type RawFork = RawBase & {
  readonly kind: 'fork';
  readonly startNs: bigint;
  readonly childPid: number;
  readonly childVpid: number;
  readonly childPpid: number;
  readonly call: (typeof FORK_CALLS)[number];
  /** The kernel's bits. */
  readonly cloneFlags: number;
};

export type RawExit = RawBase & { readonly kind: 'exit' };

export type RawSyscall = RawBase & {
  readonly kind: 'syscall';
  readonly name: ProbeSyscall;
  /** Raw arguments; 64-bit ones beyond 2^53 lose their low bits (pointers only). */
  readonly arg: readonly [number, number, number, number, number, number];
  /** Strings as passed; absolute directory each relative one starts from, else undefined. */
  readonly text: readonly [string, string];
  readonly base: readonly [string | undefined, string | undefined];
};

export type RawSocket = RawBase & {
  readonly kind: 'socket';
  readonly name: ProbeSyscall;
  readonly fd: number;
  readonly fd2: number;
  readonly family: number;
  readonly type: number;
  readonly protocol: number;
  readonly arg: number;
  readonly localIp: string;
  readonly localPort: number;
  readonly remoteIp: string;
  readonly remotePort: number;
  /** A message to another peer than the one before. */
  readonly isNewPeer: boolean;
  /** The beginning of a message; empty for other calls. */
  readonly data: Buffer;
  /** The address that was passed (connect, bind, send), received, or a unix socket's own name. */
  readonly address: { readonly ip: string; readonly port: number; readonly path: string } | undefined;
};

const nanos = z.string().regex(/^\d{1,20}$/);

/** From the least to the most that leaves the kernel. */
export const OPEN_RULES = ['none', 'prefix', 'all'] as const;
export const FAILED_RULES = ['none', 'denied', 'all'] as const;
export const SOCKET_RULES = ['rare', 'all'] as const;

/** First frame: what is attached, and what may leave the kernel. JSON made by the loader, checked because the pipe is not trusted. */
export const helloSchema = z.object({
  protocol: z.literal(1),
  pid: z.number().int(),
  kernel: z.string().max(128),
  cgroup: z.enum(['v1', 'v2']),
  bufferBytes: z.number().int(),
  readHost: z.enum(OPEN_RULES),
  readContainer: z.enum(OPEN_RULES),
  writeHost: z.enum(OPEN_RULES),
  writeContainer: z.enum(OPEN_RULES),
  openFailed: z.enum(FAILED_RULES),
  sockets: z.enum(SOCKET_RULES),
  /** Paths that the rule `prefix` lets through. */
  prefixes: z.number().int(),
  /** Server ports to which connects by processes of the host are let through; 65,536: all, unix sockets too. */
  connectPorts: z.number().int(),
  /** Whether programs can make 32-bit calls, which the hooks do not see; null where it was not tried. */
  calls32: z.boolean().nullable(),
  monotonicNs: nanos,
  realtimeNs: nanos,
  boottimeNs: nanos,
  attached: z.array(z.string().max(64)).max(128),
  missing: z.array(z.string().max(64)).max(128),
});
export type Hello = z.infer<typeof helloSchema>;

export const dropsSchema = z.object({
  fromNs: nanos,
  toNs: nanos,
  drops: z
    .array(
      z.object({ cause: z.enum(['ring_full', 'fault']), cpu: z.number().int(), count: z.number().min(0) }),
    )
    .max(8_192),
});
export type Drops = z.infer<typeof dropsSchema>;

export type RawRecord =
  /** `ktimeNs`: everything the stream holds before this frame happened before it. */
  | { readonly kind: 'hello'; readonly ktimeNs: bigint; readonly hello: Hello }
  | { readonly kind: 'drops'; readonly drops: Drops }
  | RawCgroup
  | RawExec
  | RawFork
  | RawExit
  | RawSyscall
  | RawSocket;
