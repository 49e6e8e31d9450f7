/**
 * The live (or replayed) form of a syscall event: what the sensor's decoder and the capture reader
 * produce, and what field extraction reads. Objects are mutable on purpose: state is updated in place,
 * so that a rule engine evaluating millions of events allocates nothing.
 */

/** Kubernetes and runtime facts about one container; shared by all its threads. */
export type ContainerInfo = {
  /** Full id (64 hex) where known. Falco's `container.id` is its first 12 characters. */
  id: string;
  name: string | undefined;
  image: string | undefined;
  privileged: boolean | undefined;
  podName: string | undefined;
  podUid: string | undefined;
  namespace: string | undefined;
  labels: Readonly<Record<string, string>> | undefined;
  /** `Kind/name` of the owner workload. */
  workload: string | undefined;
  serviceAccount: string | undefined;
  node: string | undefined;
  /** pending while a lookup runs; failed when it ended without an answer. */
  state: 'pending' | 'filled' | 'failed';
  /** What the pod's specification mounts. A capture tells its mounts in \`details\`. */
  mounts?: ContainerDetails['mounts'];
  /** What only a capture's container events tell. */
  details?: ContainerDetails | undefined;
};

/** The program by which a process tree came into a container from outside: its first, or what somebody ran in it. */
export type ContainerEntry = {
  readonly containerId: string;
  readonly pid: number;
  /** 1 for the container's first process. */
  readonly vpid: number;
  /** Wall clock of its first exec in the container. */
  readonly timeNs: bigint;
  readonly cmdline: string;
};

export type ContainerDetails = {
  readonly fullId: string | undefined;
  /** Number of the runtime in container events: 0 docker, 6 cri, 7 containerd, 8 crio … */
  readonly type: number | undefined;
  readonly imageId: string | undefined;
  readonly imageRepository: string | undefined;
  readonly imageTag: string | undefined;
  readonly imageDigest: string | undefined;
  readonly ip: string | undefined;
  readonly createdTimeNs: bigint | undefined;
  readonly mounts: readonly {
    readonly source: string;
    readonly dest: string;
    readonly mode: string;
    readonly writable: boolean;
    readonly propagation: string;
  }[];
};

export type FdInfo = {
  /** Falco fd.typechar: f d 4 6 u p e s l i t n b m P X o. */
  typechar: string;
  /** Path for files; empty for sockets (the tuple says it). */
  name: string;
  /** Path as passed, unresolved; undefined when it equals `name`. */
  nameRaw: string | undefined;
  /** Path of the opened file itself where links led elsewhere than \`name\` spells. */
  realName?: string;
  /** For sockets: textual addresses, ports in host order. Source of a client's connect is client side. */
  tuple:
    | {
        l4: 'tcp' | 'udp' | 'icmp' | 'raw' | 'na';
        clientIp: string;
        clientPort: number;
        serverIp: string;
        serverPort: number;
        /** This end: client after connect, server after accept/listen. */
        role: 'client' | 'server';
      }
    | undefined;
  openFlags: number;
  /** What only captures tell; see FdState. */
  readonly typeName?: string;
  /** Layer 4 protocol of any descriptor; na where it has none. */
  readonly l4Name?: string;
  /** Who is server and who client is known; a connection without says neither. */
  readonly hasRole?: boolean;
  ino?: bigint;
  dev?: number;
  connected?: boolean;
};

/** Open descriptors by number: a Map, or what is quicker for millions of opens. */
export type FdsOfProcess = Iterable<[number, FdInfo]> & {
  readonly size: number;
  get(number: number): FdInfo | undefined;
  set(number: number, fd: FdInfo): unknown;
  delete(number: number): boolean;
  values(): Iterable<FdInfo>;
};

/** What a rule engine keeps with a thread while its `version` stays. */
export type ThreadMemo = {
  readonly owner: object;
  version: number;
  readonly lists: (readonly unknown[] | undefined)[];
};

/** A thread group leader or thread. `parent` is the parent *process*; undefined when unknown. */
export type ThreadInfo = {
  tid: number;
  pid: number;
  ppid: number;
  parent: ThreadInfo | undefined;
  vpid: number;
  vtid: number;
  sid: number;
  vpgid: number;
  comm: string;
  /** argv[0] as given. */
  exe: string;
  exepath: string;
  /** argv[1..]. */
  args: readonly string[];
  env: readonly string[];
  cwd: string;
  tty: number;
  uid: number;
  gid: number;
  /** -1 = unset. */
  loginuid: number;
  user: string | undefined;
  group: string | undefined;
  loginname: string | undefined;
  capPermitted: bigint;
  capEffective: bigint;
  capInheritable: bigint;
  exeWritable: boolean;
  exeUpperLayer: boolean;
  exeLowerLayer: boolean;
  exeFromMemfd: boolean;
  exeIno: bigint;
  /** Wall-clock ns of clone; 0n when unknown. */
  cloneTsNs: bigint;
  cgroup: string;
  /** undefined = host process. */
  container: ContainerInfo | undefined;
  /** Inherited by all that it starts; undefined on the host and where it was not seen. */
  entry?: ContainerEntry | undefined;
  fds: FdsOfProcess;
  /** Grows with every change that a field of the thread, its leader or its ancestors could show. */
  version: number;
  /** Not part of a copy of the thread. */
  memo?: ThreadMemo | undefined;
  /** What only captures tell; see ThreadState. */
  readonly leader?: ThreadInfo | undefined;
  pgid?: number;
  root?: string;
  exeInoCtime?: bigint;
  exeInoMtime?: bigint;
  pidnsInitStartTs?: bigint;
  fdLimit?: number;
  vmSizeKb?: number;
  vmRssKb?: number;
  vmSwapKb?: number;
  pageFaultsMajor?: bigint;
  pageFaultsMinor?: bigint;
  readonly threadCount?: number | undefined;
  readonly childCount?: number | undefined;

  homedir?: string | undefined;
  shell?: string | undefined;
  cgroups?: readonly string[];
};

export type ArgValue = string | number | bigint | boolean | readonly string[] | Uint8Array;

/** Parameters of a captured event in the table's order, decoded when asked. */
export type EventParameters = {
  readonly count: number;
  nameOf(at: number): string;
  /** Position of a name; -1 when the event has no such parameter. */
  indexOf(name: string): number;
  /** As evt.arg shows it; undefined past the end. */
  textOf(at: number): string | undefined;
  /** As evt.rawarg shows it. */
  valueOf(at: number): ArgValue | undefined;
  /** As evt.args shows them. */
  allText(): string;
};

export type SyscallEvent = {
  source: 'syscall';
  num: number;
  /** Wall-clock ns since the epoch. */
  timeNs: bigint;
  cpu: number;
  /** Falco event name: openat, execve, connect, clone, procexit, setns … */
  type: string;
  dir: '<' | '>';
  tid: number;
  thread: ThreadInfo | undefined;
  /** Raw return value of exit events; undefined otherwise. */
  res: number | undefined;
  /** Named parameters as in the event table (flags, name, mode, addr, target …), native types. */
  args: Readonly<Record<string, ArgValue>>;
  /** Text renderings where they differ from String(value): flags as `O_RDONLY|O_CLOEXEC`, tuples … */
  argText: Readonly<Record<string, string>>;
  fdNum: number | undefined;
  fd: FdInfo | undefined;
  /** What only captures tell; see CaptureEvent. */
  readonly parameters?: EventParameters;
  readonly category?: string;
  /** Names shown where a descriptor is used that is not known. */
  readonly unknownFd?: { readonly name: string | undefined; readonly typechar: string } | undefined;
  /** Descriptor on which state tracking saw the event act. */
  readonly usedFd?: FdInfo | undefined;
  /** The name of the descriptor changed with this event. */
  readonly fdRenamed?: boolean;
  /** Flags and mode of an event that opens a file. */
  readonly opening?: { readonly flags: number; readonly mode: number } | undefined;
  readonly readsFd?: boolean;
  readonly writesFd?: boolean;
  readonly waits?: boolean;
  /** The event is a system call, not the driver's own news. */
  readonly isSyscall?: boolean;
  /** From the enter event to its exit, ns. */
  readonly latencyNs?: bigint | undefined;
  /** Since the first event of the capture, ns. */
  readonly relativeNs?: bigint;
  /** Domain names that rules ask for, by address; only where somebody resolves them. */
  domainNames?: ReadonlyMap<string, readonly string[]>;
  /** Whether an address is the captured machine's. */
  readonly isLocalAddress?: (ip: string) => boolean;
  /** Full path of an *at call: 0 and 1 the first path, 2 the second. */
  readonly absolutePath?: (which: 0 | 1 | 2) => string | undefined;
};

/** One audit.k8s.io/v1 Event; `raw` is the parsed object, untrusted in every field. */
export type AuditEvent = {
  source: 'k8s_audit';
  timeNs: bigint;
  raw: Readonly<Record<string, unknown>>;
};

export type EngineEvent = SyscallEvent | AuditEvent;
