import type {
  AuditEvent,
  ContainerInfo,
  FdInfo,
  SyscallEvent,
  ThreadInfo,
} from '../../core/events/syscall.ts';

/** Builders of live events for rule cases: everything has a harmless default. */

export const CONTAINER: ContainerInfo = {
  id: '4a'.repeat(32),
  name: 'checkout',
  image: 'registry.example/shop/checkout:1.4',
  privileged: false,
  podName: 'checkout-api-5d9c7b-x2x4z',
  podUid: '8c0b6f0e-6a3f-4a53-9d7e-3f3b9a5a1f10',
  namespace: 'shop',
  labels: undefined,
  workload: 'Deployment/checkout-api',
  serviceAccount: 'checkout',
  node: 'node1',
  state: 'filled',
};

export function thread(over: Partial<ThreadInfo> = {}): ThreadInfo {
  return {
    tid: 4711,
    pid: 4711,
    ppid: 4700,
    parent: undefined,
    vpid: 17,
    vtid: 17,
    sid: 17,
    vpgid: 17,
    comm: 'app',
    exe: 'app',
    exepath: '/usr/bin/app',
    args: [],
    env: [],
    cwd: '/',
    tty: 0,
    uid: 0,
    gid: 0,
    loginuid: -1,
    user: 'root',
    group: 'root',
    loginname: undefined,
    capPermitted: 0n,
    capEffective: 0n,
    capInheritable: 0n,
    exeWritable: false,
    exeUpperLayer: false,
    exeLowerLayer: true,
    exeFromMemfd: false,
    exeIno: 0n,
    cloneTsNs: 1_790_000_000_000_000_000n,
    cgroup: '',
    container: CONTAINER,
    fds: new Map(),
    version: 0,
    ...over,
  };
}

/** An exit event that succeeded. */
export function call(type: string, who: Partial<ThreadInfo>, over: Partial<SyscallEvent> = {}): SyscallEvent {
  const res = over.res ?? 0;
  return {
    source: 'syscall',
    num: 1,
    timeNs: 1_790_000_001_000_000_000n,
    cpu: 0,
    type,
    dir: '<',
    tid: 4711,
    thread: thread(who),
    args: { res },
    argText: {},
    fdNum: undefined,
    fd: undefined,
    ...over,
    res,
  };
}

export const exec = (who: Partial<ThreadInfo>): SyscallEvent => call('execve', who);

/** Falco's open flags. */
export const READ = 1;
export const WRITE_TRUNCATE = 2 | 4 | 256;

export function open(path: string, flags: number, who: Partial<ThreadInfo>): SyscallEvent {
  const fd: FdInfo = { typechar: 'f', name: path, nameRaw: undefined, tuple: undefined, openFlags: flags };
  const text = flags === READ ? 'O_RDONLY' : 'O_TRUNC|O_CREAT|O_WRONLY';
  return call('openat', who, {
    res: 3,
    fdNum: 3,
    fd,
    args: { fd: 3, dirfd: -100, name: path, flags, mode: 0o644 },
    argText: { flags: text },
  });
}

export function connection(ip: string, port: number): FdInfo {
  const tuple = {
    l4: 'tcp',
    clientIp: '10.244.0.7',
    clientPort: 40_000,
    serverIp: ip,
    serverPort: port,
    role: 'client',
  } as const;
  return { typechar: ip.includes(':') ? '6' : '4', name: '', nameRaw: undefined, tuple, openFlags: 0 };
}

export function connect(ip: string, port: number, who: Partial<ThreadInfo>): SyscallEvent {
  return call('connect', who, { res: -115, fdNum: 3, fd: connection(ip, port) });
}

export function unixConnect(path: string, who: Partial<ThreadInfo>): SyscallEvent {
  const fd: FdInfo = { typechar: 'u', name: path, nameRaw: undefined, tuple: undefined, openFlags: 0 };
  return call('connect', who, { fdNum: 3, fd });
}

type AuditOver = {
  readonly user?: string;
  readonly verb?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly stage?: string;
  readonly code?: number;
  readonly message?: string;
  readonly decision?: string;
  readonly uri?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly request?: unknown;
};

export function audit(over: AuditOver): AuditEvent {
  const { user = 'alice', verb = 'get', resource = 'pods', subresource, namespace = 'shop' } = over;
  const raw = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    auditID: '3d994b9f-25ce-4a8a-9971-084bf390b3d3',
    stage: over.stage ?? 'ResponseComplete',
    verb,
    requestURI: over.uri ?? `/api/v1/namespaces/${namespace}/${resource}`,
    user: { username: user, groups: ['system:authenticated'] },
    sourceIPs: ['192.0.2.7'],
    userAgent: 'kubectl/v1.32.4',
    objectRef: { resource, namespace, name: 'thing', ...(subresource ? { subresource } : {}) },
    responseStatus: { code: over.code ?? 200, ...(over.message ? { message: over.message } : {}) },
    requestObject: over.request,
    annotations: { 'authorization.k8s.io/decision': over.decision ?? 'allow', ...over.annotations },
  };
  return { source: 'k8s_audit', timeNs: 1_790_000_001_000_000_000n, raw };
}

export function podRequest(
  container: Readonly<Record<string, unknown>>,
  spec: Readonly<Record<string, unknown>> = {},
): unknown {
  return {
    kind: 'Pod',
    metadata: { name: 'thing' },
    spec: { containers: [{ name: 'c', image: 'busybox:1', ...container }], ...spec },
  };
}
